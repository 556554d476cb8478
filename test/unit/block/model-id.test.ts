import { describe, expect, test } from 'vitest'
import { parseModelId } from '../../../src/block/index'

describe('parseModelId', () => {
  test.each([
    ['acme:embed-1', { provider: 'acme', name: 'embed-1' }],
    ['openai:text-embedding-3-small#512', { provider: 'openai', name: 'text-embedding-3-small', dims: 512 }],
    [
      'hf:sentence-transformers/all-MiniLM-L6-v2@7dbbc90',
      { provider: 'hf', name: 'sentence-transformers/all-MiniLM-L6-v2', revision: '7dbbc90' },
    ],
    ['ollama:nomic-embed-text:v1.5', { provider: 'ollama', name: 'nomic-embed-text:v1.5' }],
    ['x.y-z_0:a+b@main#8192', { provider: 'x.y-z_0', name: 'a+b', revision: 'main', dims: 8192 }],
  ])('reads %s', (text, value) => {
    expect(parseModelId(text)).toEqual({ ok: true, value })
  })

  test.each([
    '',
    'acme',
    ':embed',
    'acme:',
    'Acme:embed',
    'acme:/embed',
    'acme:em bed',
    'acme:embéd',
    'acme:embed@',
    'acme:embed#',
    'acme:embed#0',
    'acme:embed#012',
    'acme:embed#8193',
    'acme:embed#12a',
    'acme:embed#12@main',
    'acme:embed@a@b',
    'acme:embed\n',
    `acme:${'x'.repeat(252)}`,
    `${'a'.repeat(100_000)}`,
  ])('refuses %j', text => {
    expect(parseModelId(text)).toMatchObject({ ok: false, error: { code: 'bad-model-id' } })
  })

  test('takes 256 characters', () => {
    expect(parseModelId(`acme:${'x'.repeat(251)}`).ok).toBe(true)
  })
})
