/**
 * A room's network for tests: a bridge, a box and hosts, each in a network namespace of its own, all
 * answering ARP as real ones do. Nothing of the machine's own network is used or changed. Needs root.
 *
 * Not simulated: radio, sleeping phones, a router. The box reaches servers of this process through
 * `reach`, on its loopback: they stay reachable when its cable is out; or through `serve`, over its cable.
 */
import { type ExecFileException, execFile, spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { connect, type Server } from 'node:net'

export interface LanHost {
  readonly mac: string
  readonly address: string
}

export interface Finished {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
}

export interface Lan {
  readonly boxNamespace: string
  /** The box's interface on the LAN; its default route goes through it. */
  readonly boxInterface: string
  readonly hosts: readonly LanHost[]
  /** Runs a program in a namespace. A status other than 0 is a result, not an error. */
  run(
    namespace: string,
    command: string,
    args: readonly string[],
    options?: RunOptions,
  ): Promise<Finished>
  /** Lets the box's loopback reach a server of this machine's loopback, under the same port. */
  reach(port: number): Promise<void>
  /** Lets the whole LAN reach a server of this machine's loopback at a host's address, under the same port. */
  serve(index: number, port: number): Promise<void>
  hostLeave(index: number): Promise<void>
  hostJoin(index: number): Promise<void>
  cableOut(): Promise<void>
  cableIn(): Promise<void>
  /** Takes everything down. Safe to call twice. */
  remove(): Promise<void>
}

const PREFIX = 'presences-lan-'
const BOX_INTERFACE = 'eth0'
let lans = 0

/** Makes a LAN of one box and a host for each MAC. What was made is taken down again when it fails. */
export async function createLan(options: { readonly hosts: readonly string[] }): Promise<Lan> {
  await removeLeftovers()
  lans += 1
  const prefix = `${PREFIX}${process.pid}-${lans}-`
  const bridge = `${prefix}bridge`
  const box = `${prefix}box`
  const hosts = options.hosts.map((mac, index) => ({ mac, address: `10.77.0.${index + 10}` }))
  const namespaces = [bridge, box, ...hosts.map((_, index) => `${prefix}host${index}`)]
  const servers: Server[] = []
  const removeNow = () => {
    for (const namespace of namespaces) {
      if (exists(namespace)) spawnSync('ip', ['netns', 'del', namespace])
    }
  }
  // A test runner that gives up exits without running what would clean up.
  process.once('exit', removeNow)

  async function remove(): Promise<void> {
    for (const server of servers.splice(0)) server.close()
    removeNow()
    process.off('exit', removeNow)
  }

  try {
    await ip(
      [],
      namespaces.map((namespace) => `netns add ${namespace}`),
    )
    await ip(bridge, ['link add br0 type bridge', 'link set br0 up'])
    await plugIn(bridge, box, 'box', { address: '10.77.0.1' })
    await ip(box, ['route add default via 10.77.0.254'])
    for (const [index, host] of hosts.entries()) {
      await plugIn(bridge, `${prefix}host${index}`, `host${index}`, host)
    }
  } catch (error) {
    await remove()
    throw error
  }

  return {
    boxNamespace: box,
    boxInterface: BOX_INTERFACE,
    hosts,
    run,
    reach: async (port) => void servers.push(await forward(box, '127.0.0.1', port)),
    serve: async (index, port) => {
      const address = hosts[index]?.address ?? ''
      servers.push(await forward(`${prefix}host${index}`, address, port))
    },
    hostLeave: (index) => ip(bridge, [`link set host${index} down`]),
    hostJoin: (index) => ip(bridge, [`link set host${index} up`]),
    cableOut: () => ip(bridge, ['link set box down']),
    cableIn: () => ip(bridge, ['link set box up']),
    remove,
  }
}

/** Runs a program in a namespace, which also sees that namespace's /sys. */
function run(
  namespace: string,
  command: string,
  args: readonly string[],
  { env = {}, timeoutMs = 60_000 }: RunOptions = {},
): Promise<Finished> {
  const options = {
    env: { ...process.env, ...env },
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  } as const
  return new Promise((resolve, reject) => {
    const words = ['netns', 'exec', namespace, command, ...args]
    execFile('ip', words, options, (error: ExecFileException | null, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error)
      else resolve({ status: Number(error?.code ?? 0), stdout, stderr })
    })
  })
}

/** A cable from the bridge (its end is called `port`) to `eth0` of a namespace. */
async function plugIn(
  bridge: string,
  namespace: string,
  port: string,
  { address, mac }: { address: string; mac?: string },
): Promise<void> {
  await ip(bridge, [
    `link add ${port} type veth peer name ${BOX_INTERFACE} netns ${namespace}`,
    `link set ${port} master br0 up`,
  ])
  await ip(namespace, [
    'link set lo up',
    ...(mac ? [`link set ${BOX_INTERFACE} address ${mac}`] : []),
    `addr add ${address}/24 dev ${BOX_INTERFACE}`,
    `link set ${BOX_INTERFACE} up`,
  ])
}

/**
 * A socket belongs for good to the namespace it was made in. So a node in the box's namespace opens a
 * listening one, hands it to this process and ends; this process passes its connections on.
 */
async function forward(namespace: string, address: string, port: number): Promise<Server> {
  const script = `
    const server = require('node:net').createServer()
    server.listen(${port}, '${address}', () => process.send('', server))
    process.on('disconnect', () => process.exit())`
  const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, '-e', script], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let complaint = ''
  child.stderr?.on('data', (text) => {
    complaint += text
  })
  let server: Server | undefined
  child.once('message', (_message, handle) => {
    server = handle as Server
    // Both could accept connections now: this lets the other one end.
    child.disconnect()
  })
  await new Promise((resolve, reject) => child.once('error', reject).once('exit', resolve))
  if (!server) throw new Error(`Can't listen on port ${port} in ${namespace}: ${complaint}`)
  server.on('connection', (inner) => {
    const outer = connect(port, '127.0.0.1')
    inner.pipe(outer).pipe(inner)
    // A server that is down must not look like one that says nothing: reset, as it would.
    inner.on('error', () => outer.destroy()).on('close', () => outer.destroy())
    outer.on('error', () => inner.resetAndDestroy()).on('close', () => inner.destroy())
  })
  return server
}

/** Namespaces of test processes that were killed. */
async function removeLeftovers(): Promise<void> {
  const { stdout } = await ipCommand(['netns', 'list'])
  for (const line of stdout.split('\n')) {
    const name = line.split(' ')[0] ?? ''
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1]
    if (pid && !existsSync(`/proc/${pid}`)) spawnSync('ip', ['netns', 'del', name])
  }
}

function exists(namespace: string): boolean {
  return existsSync(`/run/netns/${namespace}`) || existsSync(`/var/run/netns/${namespace}`)
}

/** Runs `ip` subcommands, in a namespace when one is given; throws at the first that fails. */
async function ip(namespace: string | readonly [], subcommands: readonly string[]): Promise<void> {
  const inside = typeof namespace === 'string' ? ['-n', namespace] : []
  await ipCommand([...inside, '-batch', '-'], subcommands.join('\n'))
}

function ipCommand(args: readonly string[], input = ''): Promise<{ stdout: string }> {
  return new Promise((resolve, reject) => {
    const child = execFile('ip', args, (error, stdout, stderr) => {
      if (error) reject(new Error(`ip ${args.join(' ')}: ${stderr.trim() || error.message}`))
      else resolve({ stdout })
    })
    // A command that has failed reads no further: its own message says why.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
  })
}
