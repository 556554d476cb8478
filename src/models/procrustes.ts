import { CosmicError, throwIfAborted } from '../base/index'

/** Singular values under this share of the largest are noise: their directions were never seen in the anchors. */
const RANK_TOLERANCE = 1e-5
/** The most covariance per anchor that rounding alone gives to anchors that are all alike. */
const VARIANCE_TOLERANCE = 1e-12

/**
 * The matrix with orthonormal columns (rows, when `to` is the smaller space) that best turns the centred vectors `from`
 * into their counterparts `to`: the polar factor `U Vᵀ` of their cross-covariance `C = Σ to · fromᵀ = U S Vᵀ`
 * (P. H. Schönemann, "A generalized solution of the orthogonal Procrustes problem", Psychometrika 31, 1966).
 * It is computed as `C W` with `W = (CᵀC)^(−1/2)` on the smaller side, the inverse taken only over the directions that
 * the anchors span; the others map to nothing, which ranks better than any arbitrary completion while anchors are fewer
 * than dimensions. Row-major, one row per dimension of `to`. Throws `bad-value` when all anchors are alike, `aborted`
 * between the steps. The time grows with the cube of the smaller dimension.
 */
export async function procrustes(
  from: readonly Float64Array[],
  to: readonly Float64Array[],
  signal?: AbortSignal,
): Promise<Float64Array> {
  const { Matrix, EigenvalueDecomposition } = await import('ml-matrix')
  const columns = from[0]!.length
  const rows = to[0]!.length
  const covariance = Matrix.from1DArray(rows, columns, crossCovariance(from, to))
  throwIfAborted(signal)
  const tall = rows < columns ? covariance.transpose() : covariance
  const gram = tall.transpose().mmul(tall)
  const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(gram, { assumeSymmetric: true })
  throwIfAborted(signal)
  // Eigenvalues are the squares of the singular values.
  const largest = Math.max(...realEigenvalues)
  if (largest <= (from.length * VARIANCE_TOLERANCE) ** 2) {
    throw new CosmicError({ code: 'bad-value', field: 'pairs', hint: 'the anchors must differ from each other' })
  }
  const least = largest * RANK_TOLERANCE ** 2
  const inverse = realEigenvalues.map(value => (value > least ? 1 / Math.sqrt(value) : 0))
  const polar = tall.mmul(eigenvectorMatrix).mulRowVector(inverse).mmul(eigenvectorMatrix.transpose())
  return Float64Array.from((rows < columns ? polar.transpose() : polar).to1DArray())
}

function crossCovariance(from: readonly Float64Array[], to: readonly Float64Array[]): Float64Array {
  const columns = from[0]!.length
  const rows = to[0]!.length
  const out = new Float64Array(rows * columns)
  from.forEach((x, k) => {
    const y = to[k]!
    for (let i = 0; i < rows; i++) {
      const factor = y[i]!
      for (let j = 0; j < columns; j++) out[i * columns + j] = out[i * columns + j]! + factor * x[j]!
    }
  })
  return out
}
