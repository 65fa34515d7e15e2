/** Runs `presences-probe ship`, the box's shipping, from the demo and the tests: its files and its environment. */
import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const PROBE = fileURLToPath(new URL('../../probe/dist/presences-probe.js', import.meta.url))
/** The command: a program and its arguments. */
export const SHIP: readonly [string, ...string[]] = [process.execPath, PROBE, 'ship', '--now']

export interface RcloneKey {
  readonly endpoint: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** What is written behind `acl =`; without it the line is left out. */
  readonly acl?: string
}

export interface ShipOptions {
  readonly spool: string
  readonly bucket: string
  /** A file that `writeRcloneConfig` wrote. */
  readonly rcloneConfig: string
  /** The Node that runs it: a path, without one this process's own. */
  readonly node?: string
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>
  /** As the unit does: not while the bucket failed just now. */
  readonly isPatient?: boolean
  /** Aborted to end it, as systemd does. */
  readonly stop?: AbortSignal
}

export interface Shipped {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Writes an rclone configuration like the one of `rclone.conf.example`. */
export async function writeRcloneConfig(path: string, key: RcloneKey): Promise<void> {
  const lines = [
    '[bucket]',
    'type = s3',
    'provider = Other',
    `endpoint = ${key.endpoint}`,
    'region = us-east-1',
    `access_key_id = ${key.accessKeyId}`,
    `secret_access_key = ${key.secretAccessKey}`,
    ...(key.acl === undefined ? [] : [`acl = ${key.acl}`]),
  ]
  await writeFile(path, `${lines.join('\n')}\n`, { mode: 0o600 })
}

/** Ships once. A status other than 0 is a result, not an error. */
export function ship({
  spool,
  bucket,
  rcloneConfig,
  node = process.execPath,
  env = {},
  isPatient = false,
  stop,
}: ShipOptions): Promise<Shipped> {
  const [, ...args] = isPatient ? SHIP.slice(0, -1) : SHIP
  const child = spawn(node, args, {
    // A folder without a .env.
    cwd: dirname(spool),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      PROBE_SPOOL: spool,
      PROBE_REMOTE: `bucket:${bucket}`,
      RCLONE_CONFIG: rcloneConfig,
      ...env,
    },
  })
  stop?.addEventListener('abort', () => child.kill('SIGTERM'))
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (status) => resolve({ status, stdout, stderr }))
  })
}
