import { join } from 'node:path'
import { aiSdkEmbeddingModel, aiSdkTools } from '../../src/surfaces/ai-sdk/index'
import { createHttpHandler, serveHttp } from '../../src/surfaces/http/index'
import { HttpClient } from '../../src/surfaces/http/http-client'
import * as langchain from '../../src/surfaces/langchain/index'
import { createMcpServer, mcpEndpoint } from '../../src/surfaces/mcp/index'
import { createSignalingServer } from '../../src/surfaces/signaling/index'
import * as telemetry from '../../src/surfaces/telemetry/index'
import * as setup from '../../src/setup/index'
import { Signer } from '../../src/index'
import { entry, type PublicCall } from './public-calls'

const embedder = { modelId: 'test:two', dimensions: 2, embed: async () => [] }

/** What `cosmic-embeddings/setup` exports; nothing is opened outside the folder. */
export async function setupCalls(folder: string, node: setup.CosmicNode): Promise<PublicCall[]> {
  const sources = { cwd: folder, env: {} }
  const resolved = await setup.resolveConfig({ ...sources, flags: { folder: join(folder, 'node') } })
  const { config } = resolved
  await (await Signer.generate()).save(await setup.openKeyStore(config))
  const logger = setup.createLogger({ write: () => undefined })
  const quiet = { network: false, embedder: false }
  const input = { folder: join(folder, 'node'), storage: { kind: 'memory' }, embedder: { kind: 'none' } }
  return [
    entry('createNode', setup.createNode, [input, quiet], 'network embedder search logger instrumentation', {
      fixed: [0],
    }),
    entry('createNode config', (given: never) => setup.createNode(given, quiet), [input], 'storage policy network'),
    entry('editConfig', setup.editConfig, [sources, () => ({})], '', { fixed: [0] }),
    entry(
      'keepConnected',
      setup.keepConnected,
      [node.client, [], { signal: AbortSignal.timeout(1) }],
      'signal onFailure',
    ),
    // Without a setting it loads the model that is installed.
    entry('loadEmbedder', setup.loadEmbedder, [{ ...config, embedder: { kind: 'none' } }], '', { fixed: [0] }),
    entry('createLogger', setup.createLogger, [{ write: () => undefined }], 'level format colors write now'),
    entry('logEvents', setup.logEvents, [node.client, logger]),
    entry('redact', setup.redact, [{ a: 1 }]),
    entry('loadIdentity', setup.loadIdentity, [config]),
    entry('openKeyStore', setup.openKeyStore, [config]),
    // Without a setting it would make a folder beside the tests.
    entry('openStorage', setup.openStorage, [{ ...config, storage: { kind: 'memory' } }], '', { fixed: [0] }),
    entry('openTransports', setup.openTransports, [config]),
    entry('checkConfig', setup.checkConfig, [{}, {}], 'base partial origin'),
    entry('configFileOf', setup.configFileOf, [sources], 'cwd file env flags'),
    entry('resolveConfig', setup.resolveConfig, [sources], 'cwd file env flags isNew'),
    entry('showConfig', setup.showConfig, [resolved]),
  ]
}

/** What the surfaces export, over a node. */
export async function surfaceCalls(node: setup.CosmicNode): Promise<PublicCall[]> {
  const recorder = telemetry.prometheusRecorder()
  const archive = { headers: { 'content-type': 'application/vnd.ipld.car' } }
  const away = {
    fetch: async ({ url }: Request) =>
      url.endsWith('/export')
        ? new Response('', archive)
        : new Response(JSON.stringify({ id: 'x', peer: 'x', items: [], hits: [], stored: 0, deferred: 0, refused: 0 })),
  }
  const client = new HttpClient('http://127.0.0.1:1', away)
  const ofClient = (name: keyof HttpClient, args: readonly unknown[], options = '') =>
    entry(`HttpClient.${name}`, (client[name] as (...given: never[]) => unknown).bind(client), args, options)
  const http = 'tokens hosts origins requestsPerSecond figures mcp sync around onAnswer'
  const tracer = await telemetry.openTelemetryTracer()
  return [
    entry('createHttpHandler', createHttpHandler, [node, {}], http),
    entry('serveHttp', serveHttp, [node, {}], `${http} port host maxConnections`),
    entry(
      'HttpClient',
      (...args: never[]) => new HttpClient(...(args as unknown as [''])),
      ['http://127.0.0.1:1', {}],
      'token fetch maxBytes',
    ),
    ofClient('publish', [{ bytes: new Uint8Array(1) }]),
    ofClient('create', [{ text: 'x' }]),
    ofClient('list', [{}], 'kind author model tags since until newest limit cursor'),
    ofClient('search', [{ text: 'x' }]),
    ofClient('connect', ['memory://a', {}], 'peer retry'),
    ofClient('disconnect', ['memory://a']),
    ofClient('import', [new Uint8Array(1)]),
    ofClient('export', [{}], 'onReport signal'),
    entry('documentsAsData', langchain.documentsAsData, [[]]),
    entry('langChainEmbeddings', langchain.langChainEmbeddings, [embedder]),
    entry('langChainRetriever', langchain.langChainRetriever, [node, {}]),
    entry('langChainStore', langchain.langChainStore, [node]),
    entry('aiSdkEmbeddingModel', aiSdkEmbeddingModel, [embedder]),
    entry('aiSdkTools', aiSdkTools as (...args: never[]) => unknown, [node, {}], 'only'),
    entry('mcpEndpoint', mcpEndpoint, [node, {}], 'around'),
    entry('createMcpServer', createMcpServer, [node, {}], 'permits around'),
    entry(
      'createSignalingServer',
      createSignalingServer,
      [{}],
      'port host maxRooms maxPeersPerRoom ratePerSecond joinMs heartbeatMs maxConnections maxMessageBytes',
    ),
    entry('instrument', telemetry.instrument, [recorder]),
    entry('recordAnswers', telemetry.recordAnswers, [recorder]),
    entry('openTelemetryRecorder', telemetry.openTelemetryRecorder, [{}], 'meterProvider'),
    entry('combine', telemetry.combine, [{}, {}]),
    entry('openTelemetryTracer', telemetry.openTelemetryTracer, [{}], 'tracerProvider'),
    entry('traceCalls', telemetry.traceCalls, [tracer]),
    entry('traceNode', telemetry.traceNode, [tracer]),
    entry('traceRequests', telemetry.traceRequests, [tracer]),
    entry('tracedFetch', telemetry.tracedFetch, [tracer, () => 0]),
    entry('tee', telemetry.tee, [recorder, recorder]),
    entry('prometheusRecorder', telemetry.prometheusRecorder, []),
  ]
}
