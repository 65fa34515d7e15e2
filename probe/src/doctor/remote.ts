/**
 * Can what waits be shipped: is the remote of `ship` in rclone's configuration, and filled
 * in? Whether the bucket takes files is not tried: the key may write and nothing else, and what a trial
 * wrote would stay.
 */
import type { Environment, ReadText } from '@presences/shared'
import { DEFAULT_RCLONE_CONFIG, isRemote } from '../ship/ship-config.ts'
import type { Check } from './check.ts'

/** Checks PROBE_REMOTE and RCLONE_CONFIG; the key is not shown. */
export function checkRemote(environment: Environment, readText: ReadText): Check {
  const subject = 'remote'
  const { PROBE_REMOTE: remote = '', RCLONE_CONFIG: path = DEFAULT_RCLONE_CONFIG } = environment
  const misconfigured = (finding: string, advice: string): Check => ({
    subject,
    state: 'misconfigured',
    finding,
    advice,
  })
  if (!isRemote(remote)) {
    const finding = remote ? 'PROBE_REMOTE names no remote and bucket' : 'PROBE_REMOTE is not set'
    return misconfigured(finding, 'set it like bucket:my-bucket: without it nothing is shipped')
  }
  const text = read(path, readText)
  if ('fault' in text) return misconfigured(text.fault, `set RCLONE_CONFIG, or mend ${path}`)
  const name = remote.slice(0, remote.indexOf(':'))
  const options = sectionOf(text.text, name)
  if (!options) {
    const advice = `make PROBE_REMOTE name one of its sections, or add [${name}]`
    return misconfigured(`${path} has no section [${name}], which PROBE_REMOTE names`, advice)
  }
  const faults = faultsOf(options)
  if (faults.length > 0) {
    return misconfigured(`in ${path}, [${name}]: ${faults.join('; ')}`, `correct ${path}`)
  }
  const where = options.get('endpoint') ?? options.get('type')
  const finding = `${remote} (${where}) is set up; the age of the oldest file under "shipping" tells if it takes files`
  if (!isOpenHttp(options.get('endpoint'))) return { subject, state: 'works', finding }
  const advice = 'use https: over plain http anybody on the way can pass for the bucket'
  return { subject, state: 'degraded', finding, advice }
}

function read(path: string, readText: ReadText): { text: string } | { fault: string } {
  try {
    const text = readText(path)
    return text === undefined ? { fault: `RCLONE_CONFIG: there is no file ${path}` } : { text }
  } catch (cause) {
    return { fault: `RCLONE_CONFIG: can't read ${path}: ${(cause as Error).message}` }
  }
}

/** The options of one section of an INI file, as rclone reads it. */
function sectionOf(text: string, name: string): ReadonlyMap<string, string> | undefined {
  const lines = text.split('\n').map((line) => line.trim())
  const start = lines.indexOf(`[${name}]`)
  if (start === -1) return undefined
  const after = lines.slice(start + 1)
  const end = after.findIndex((line) => line.startsWith('['))
  const pairs = (end === -1 ? after : after.slice(0, end)).flatMap((line) => {
    const [, key, value] = OPTION.exec(line) ?? []
    return key && value ? [[key, value] as const] : []
  })
  return new Map(pairs)
}

const OPTION = /^([^#;=\s][^=\s]*)\s*=\s*(.+)$/

function faultsOf(options: ReadonlyMap<string, string>): string[] {
  if (!options.has('type')) return ['type is missing']
  if (options.get('type') !== 's3') return []
  // AWS alone is found without an address, and a machine may have its key from elsewhere.
  const needed = [
    ...(options.get('provider') === 'AWS' ? [] : ['endpoint']),
    ...(options.get('env_auth') === 'true' ? [] : ['access_key_id', 'secret_access_key']),
  ]
  const missing = needed.filter((name) => !options.has(name)).map((name) => `${name} is missing`)
  const unfilled = [...options].flatMap(([name, value]) =>
    value.includes('CHANGE-ME') ? [`${name} is still CHANGE-ME`] : [],
  )
  return [...missing, ...unfilled]
}

function isOpenHttp(endpoint = ''): boolean {
  return /^http:/i.test(endpoint) && !OWN_MACHINE.test(endpoint)
}

// To the end of the host's name: localhost.example.org is another's.
const OWN_MACHINE = /^http:\/\/(?:127(?:\.\d+){3}|localhost|\[::1\])(?:[:/]|$)/i
