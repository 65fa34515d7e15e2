/**
 * `doctor`: checks what charging stands on, one thing after another, and says what to do. It changes
 * nothing but one object of its own, `jobs/doctor`, with which it finds out whether writing works.
 */
import {
  ConfigError,
  type Environment,
  ExitCode,
  loadEnvironment,
  parseConfig,
} from '@presences/shared'
import {
  chargeConfig,
  SECRETS,
  type StoreConfig,
  serveConfig,
  type TicketsConfig,
} from '../config.ts'
import type { Effects, VisibleEffects } from '../effects.ts'
import { parseMemberMap } from '../members/member-map.ts'
import { strangerLines } from '../reports/room-lines.ts'
import type { Log } from '../runtime/log.ts'
import { AFTER_LIMIT_MS, stayAwake } from '../runtime/stay-awake.ts'
import type { Store } from '../store/store.ts'
import { openStore, openTickets, roomsIn } from '../wiring.ts'

export interface Finding {
  readonly check: string
  readonly state: 'works' | 'warning' | 'fails'
  readonly detail: string
}

const PROBE_KEY = 'jobs/doctor'
/** A server refuses requests whose clock is further off (S3: RequestTimeTooSkewed). */
const MAX_CLOCK_SKEW_SECONDS = 60
const NO_LOG: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const CLOCK_TIMEOUT_MS = 5_000

/** Prints one line a check, or JSON. Exit 0: all works; 1: with warnings; 2: configuration; 3: something fails. */
export async function doctorCommand(
  { json }: { json?: boolean },
  effects: VisibleEffects,
): Promise<ExitCode> {
  const { findings, code } = await examine(effects)
  if (json) effects.printText(JSON.stringify(findings, null, 2))
  else for (const finding of findings) effects.printLine(lineOf(finding))
  return code
}

async function examine(
  effects: Effects,
): Promise<{ findings: readonly Finding[]; code: ExitCode }> {
  let environment: Environment
  let config: StoreConfig & TicketsConfig
  try {
    environment = loadEnvironment(effects.env, SECRETS, effects.readText)
    config = parseConfig(chargeConfig, environment)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const findings = error.faults.map((fault) => finding('configuration', 'fails', fault))
    return { findings, code: ExitCode.usage }
  }
  const findings = [
    finding(
      'configuration',
      'works',
      `TIMEZONE ${config.TIMEZONE}, ${config.HALF_DAY_SLOTS} slots half a day, ${config.FULL_DAY_SLOTS} a day`,
    ),
    ...checkService(environment),
    ...(await checkStore(config, effects)),
    ...(await checkTickets(config, effects)),
    ...(await checkClock(config, effects)),
  ]
  return { findings, code: codeOf(findings) }
}

/** What only `serve` needs: a machine that runs the nightly job alone can do without. */
function checkService(environment: Environment): Finding[] {
  try {
    parseConfig(serveConfig, environment)
    return [finding('service', 'works', 'its configuration is complete')]
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.faults.map((fault) =>
      finding('service', 'warning', `serve would not start: ${fault}`),
    )
  }
}

async function checkStore(config: StoreConfig, effects: Effects): Promise<Finding[]> {
  try {
    const store = await openStore(config, effects)
    const damaged: string[] = []
    const told = { ...NO_LOG, warn: (line: string) => void damaged.push(line) }
    const rooms = await roomsIn(store, config, effects, told)
    return [
      finding('store', 'works', `${store.url}: ${rooms.known.join(', ')}`),
      ...[...damaged, ...strangerLines(rooms)].map((line) => finding('rooms', 'warning', line)),
      await checkWrites(store),
    ]
  } catch (error) {
    return [finding('store', 'fails', (error as Error).message)]
  }
}

/** Whether two writers can be told apart: where they can't, what a writer lost is found again by the next. */
async function checkWrites(store: Store): Promise<Finding> {
  const bytes = Buffer.from('{"version":1}')
  try {
    await store.put(PROBE_KEY, bytes)
    const again = await store.put(PROBE_KEY, bytes, { ifAbsent: true })
    if (again.outcome === 'conflict')
      return finding('writing', 'works', 'conditional writes are honoured')
    const how = again.outcome === 'unsupported' ? 'refuses' : 'ignores'
    return finding(
      'writing',
      'warning',
      `writing works, but the server ${how} conditional writes: run one job at a time`,
    )
  } catch (error) {
    return finding('writing', 'fails', (error as Error).message)
  }
}

async function checkTickets(
  config: StoreConfig & TicketsConfig,
  effects: Effects,
): Promise<Finding[]> {
  try {
    const text = await openTickets(config, effects, () => {}).memberMap()
    const map = parseMemberMap(text, { excludedNames: config.EXCLUDED_NAMES })
    const detail = `${map.devices.size} devices of ${new Set([...map.devices.values()].map(({ email }) => email)).size} members`
    if (map.faults.length === 0) return [finding('ticket server', 'works', detail)]
    return map.faults.map(({ row, reason }) =>
      finding('member map', 'warning', `row ${row}: ${reason}`),
    )
  } catch (error) {
    return [finding('ticket server', 'fails', (error as Error).message)]
  }
}

/** Compares this machine's clock with the ticket server's `Date` header. */
async function checkClock(
  { TICKET_BACKEND_URL }: TicketsConfig,
  { now, fetch }: Effects,
): Promise<Finding[]> {
  try {
    const signal = AbortSignal.timeout(CLOCK_TIMEOUT_MS)
    const { headers } = await stayAwake(CLOCK_TIMEOUT_MS + AFTER_LIMIT_MS, () =>
      fetch(TICKET_BACKEND_URL, { method: 'HEAD', redirect: 'manual', signal }),
    )
    const date = Date.parse(headers.get('date') ?? '')
    if (Number.isNaN(date))
      return [finding('clock', 'warning', 'the ticket server does not tell the time')]
    const skew = Math.round((now().getTime() - date) / 1000)
    if (Math.abs(skew) <= MAX_CLOCK_SKEW_SECONDS)
      return [finding('clock', 'works', `${skew} s off`)]
    return [
      finding(
        'clock',
        'fails',
        `${skew} s off the ticket server's clock: turn on time synchronisation`,
      ),
    ]
  } catch {
    // That the server can't be reached has its own finding.
    return [finding('clock', 'warning', 'not checked: the ticket server does not answer')]
  }
}

function finding(check: string, state: Finding['state'], detail: string): Finding {
  return { check, state, detail }
}

function codeOf(findings: readonly Finding[]): ExitCode {
  if (findings.some(({ state }) => state === 'fails')) return ExitCode.unable
  return findings.some(({ state }) => state === 'warning') ? ExitCode.partial : ExitCode.done
}

function lineOf({ check, state, detail }: Finding): string {
  const mark = { works: 'ok  ', warning: 'WARN', fails: 'FAIL' }[state]
  return `${mark} ${check}: ${detail}`
}
