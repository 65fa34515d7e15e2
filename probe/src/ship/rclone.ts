/**
 * The one definition of the rclone command. Written for rclone 1.60.1, Debian's. Never `rclone sync`,
 * which would delete the bucket's history when a box is installed anew.
 */
import { type ChildProcess, spawn } from 'node:child_process'

export interface RcloneOptions {
  /** The spool's folder. */
  readonly folder: string
  /** An rclone remote and its bucket, such as `bucket:my-bucket`. */
  readonly remote: string
  /** rclone's configuration, which holds the key. */
  readonly configPath: string
  /** As rclone's `--bwlimit`, such as `512K`: bytes a second. */
  readonly bandwidth: string | undefined
  /** Where `rclone` is looked up, as in `PATH`. */
  readonly searchPath: string
  readonly home: string | undefined
  /** An open file that rclone keeps open until it ends, whatever becomes of this process: the lock. */
  readonly lock: number
}

export interface RcloneRun {
  /** All it printed. */
  readonly log: string
  readonly end:
    | { readonly status: number }
    | { readonly signal: string }
    /** The system did not start it, and says why. */
    | { readonly notStarted: string }
    | 'missing'
    | 'timed-out'
}

/**
 * Moves files of the spool, given by their paths in it, to the bucket: a file leaves the spool only once
 * the bucket has confirmed that very content. Ends within `timeoutMs`, or when `stop` is aborted.
 */
export function rcloneMove(
  paths: readonly string[],
  limits: { readonly timeoutMs: number; readonly stop: AbortSignal },
  options: RcloneOptions,
): Promise<RcloneRun> {
  let child: ChildProcess
  try {
    child = start(options)
  } catch (cause) {
    // Some errors node throws at once, such as ENOMEM.
    return Promise.resolve({ log: '', end: notStarted(cause as NodeJS.ErrnoException) })
  }
  let log = ''
  let isOverdue = false
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      log += text
    })
  }
  // It may be gone, or never have been there, before it has read its list: its end tells.
  child.stdin?.on('error', () => undefined).end(paths.map((path) => `${path}\n`).join(''))
  const kill = () => child.kill('SIGKILL')
  const timer = setTimeout(() => {
    isOverdue = true
    kill()
  }, limits.timeoutMs)
  limits.stop.addEventListener('abort', kill)
  if (limits.stop.aborted) kill()
  return new Promise<RcloneRun>((resolve) => {
    child.once('error', (cause) => resolve({ log, end: notStarted(cause) }))
    child.once('close', (status, signal) => {
      if (isOverdue) resolve({ log, end: 'timed-out' })
      else resolve({ log, end: status === null ? { signal: signal ?? 'unknown' } : { status } })
    })
  }).finally(() => {
    clearTimeout(timer)
    limits.stop.removeEventListener('abort', kill)
  })
}

function start(options: RcloneOptions): ChildProcess {
  return spawn('rclone', rcloneArguments(options), {
    // A minimal environment: rclone 1.60 fails when AWS_CA_BUNDLE is set, and RCLONE_* or AWS_*
    // variables of the caller would change what is done here.
    env: {
      PATH: options.searchPath,
      HOME: options.home ?? '/nonexistent',
      RCLONE_CONFIG: options.configPath,
    },
    stdio: ['pipe', 'pipe', 'pipe', options.lock],
  })
}

function notStarted({ code, message }: NodeJS.ErrnoException): RcloneRun['end'] {
  return code === 'ENOENT' ? 'missing' : { notStarted: message }
}

function rcloneArguments({ folder, remote, bandwidth }: RcloneOptions): string[] {
  return [
    'move',
    folder,
    `${remote.replace(/\/$/, '')}/presences`,
    // The files are named on its standard input: it lists no folder.
    ...['--files-from-raw', '-'],
    // A write-only key may PUT and nothing else. Without these, 1.60.1 asks: whether the remote is a
    // file (HEAD), what the bucket holds (LIST), whether a file is there (HEAD), for the bucket to be
    // made (PUT), what was stored (HEAD). Sending a minute again is harmless: same key, same bytes.
    '--s3-no-head-object',
    '--no-traverse',
    '--no-check-dest',
    '--s3-no-check-bucket',
    // The content is still proven: rclone sends its MD5, which the server checks, and compares the
    // MD5 the server answers with (the ETag) before it removes the file. An answer without ETag
    // would be believed: so the endpoint must be https, where only the bucket can answer.
    '--s3-no-head',
    // The next run is the retry …
    ...['--retries', '1'],
    // … but a connection that the server has just closed costs three tries, a second in all. (The
    // default of 10 waits 7 minutes for each file of a server that is down.)
    ...['--low-level-retries', '3'],
    ...['--contimeout', '10s', '--timeout', '30s'],
    ...['--transfers', '8'],
    ...(bandwidth ? ['--bwlimit', bandwidth] : []),
    // One line a file, for rclone-log.ts.
    ...['--verbose', '--stats', '0', '--log-format', ''],
  ]
}
