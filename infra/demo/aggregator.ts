/** Runs the built aggregator: as a command, and as a service. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const AGGREGATOR = fileURLToPath(
  new URL('../../aggregator/dist/presences-aggregator.js', import.meta.url),
)

type Env = Readonly<Record<string, string>>

/** Runs `presences-aggregator`; its output goes where ours goes. Returns the exit code. */
export async function aggregate(args: readonly string[], env: Env): Promise<number> {
  return finish(spawn(process.execPath, [AGGREGATOR, ...args], options(env, 'inherit')))
}

export interface Service {
  readonly url: string
  stop(): Promise<void>
}

/** Starts `presences-aggregator serve` on a free port, and waits until it says where it listens. */
export async function startService(env: Env): Promise<Service> {
  const child = spawn(
    process.execPath,
    [AGGREGATOR, 'serve'],
    options({ ...env, PORT: '0' }, 'pipe'),
  )
  const url = await listeningUrl(child)
  return {
    url,
    stop: async () => {
      child.kill('SIGTERM')
      await finish(child)
    },
  }
}

async function listeningUrl(child: ChildProcess): Promise<string> {
  let log = ''
  for await (const chunk of child.stderr ?? []) {
    log += chunk
    const [, url] = /Listening on (http:\S+)/.exec(log) ?? []
    if (url) return url
  }
  throw new Error(`The service did not start: ${log}`)
}

function options(env: Env, stderr: 'inherit' | 'pipe') {
  return {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'inherit', stderr] as ['ignore', 'inherit', typeof stderr],
  }
}

async function finish(child: ChildProcess): Promise<number> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.exitCode ?? 1
}
