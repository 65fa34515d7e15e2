/**
 * What a probe needs to know, from its environment (design, section 8). Pure: the environment is
 * loaded by the caller, and nothing is looked up on the machine. So an interface named here may not
 * exist: that is found out, and said, at each scan. zod/mini: the box pays for it 1,440 times a day.
 */
import {
  ConfigError,
  type Environment,
  isTimeZone,
  LOCATION_PATTERN,
  PROBE_PATTERN,
  parseConfig,
} from '@presences/shared'
import * as z from 'zod/mini'
import { CLOCK_BASES, type ClockBasis } from './clock/judge-clock.ts'
import { listOf } from './runtime/list-variable.ts'
import { type UnifiConfig, unifiSchema } from './scan/unifi/unifi-config.ts'

const PROBE_RULE = 'must be a letter or digit, then at most 63 of A-Z a-z 0-9 . _ -'

/** The scanners there are; `PROBE_SCANNERS` names one or several of them. */
const SCANNER_NAMES = ['arp-scan', 'nmap', 'neighbours', 'unifi'] as const
export type ScannerName = (typeof SCANNER_NAMES)[number]

export interface ProbeConfig {
  readonly location: string
  readonly probe: string
  /** `undefined`: the interface of the default route, looked up at each scan. */
  readonly interfaces: readonly string[] | undefined
  readonly scanners: readonly ScannerName[]
  readonly spool: string
  /** What the machine's clock is taken on. */
  readonly clock: ClockBasis
  /** How much may wait in it. */
  readonly spoolMaxBytes: number
  readonly timeZone: string
  /** `undefined` where the scanner is not asked for. */
  readonly unifi: UnifiConfig | undefined
}

/** The variables that may also come from files, as `<NAME>_FILE`. */
export const PROBE_SECRETS = ['UNIFI_PASSWORD'] as const

/** Checks a probe's environment. Throws ConfigError naming every variable at fault. */
export function parseProbeConfig(environment: Environment, hostName: string): ProbeConfig {
  const faults: string[] = []
  const probe = attempt(() => parseConfig(probeSchema(hostName), environment), faults)
  const asksUnifi = /(^|[\s,])unifi([\s,]|$)/.test(environment.PROBE_SCANNERS ?? '')
  const unifi = asksUnifi
    ? attempt(() => parseConfig(unifiSchema(), environment), faults)
    : undefined
  if (!probe || faults.length > 0) throw new ConfigError(faults)
  return { ...probe, unifi }
}

/** A host name as a probe id: what a file name can't hold becomes `-`. */
export function probeIdOf(hostName: string): string {
  const id = hostName
    .replaceAll(/[^A-Za-z0-9._-]/g, '-')
    .replace(/^[._-]+/, '')
    .slice(0, 64)
  return id === '' ? 'probe' : id
}

function attempt<Value>(parse: () => Value, faults: string[]): Value | undefined {
  try {
    return parse()
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause
    faults.push(...cause.faults)
    return undefined
  }
}

/** Those of scanning and recording. */
export function probeVariables(hostName: string) {
  return z.object({
    PROBE_LOCATION: z
      .string('is not set: name the room, such as poulailler')
      .check(
        z.regex(
          LOCATION_PATTERN,
          'must be made of a-z, 0-9 and -, at most 64 of them, such as pti-poulailler',
        ),
      ),
    PROBE_ID: z._default(z.string().check(z.regex(PROBE_PATTERN, PROBE_RULE)), probeIdOf(hostName)),
    PROBE_INTERFACES: z.optional(listOf(isInterfaceName, 'is no interface name')),
    PROBE_SCANNERS: z._default(
      listOf(isScannerName, `is no scanner: there are ${SCANNER_NAMES.join(', ')}`),
      ['arp-scan'],
    ),
    PROBE_CLOCK: z._default(
      z.enum(CLOCK_BASES, `must be one of: ${CLOCK_BASES.join(', ')}`),
      'synchronized',
    ),
    ...spoolVariables(),
  })
}

function probeSchema(hostName: string) {
  return z.pipe(
    probeVariables(hostName),
    z.transform(
      (env): Omit<ProbeConfig, 'unifi'> => ({
        location: env.PROBE_LOCATION,
        probe: env.PROBE_ID,
        interfaces: env.PROBE_INTERFACES,
        scanners: env.PROBE_SCANNERS.filter(isScannerName),
        spool: env.PROBE_SPOOL,
        clock: env.PROBE_CLOCK,
        spoolMaxBytes: env.PROBE_SPOOL_MAX_MB * 1e6,
        timeZone: env.TIMEZONE,
      }),
    ),
  )
}

/** What scanning and shipping both need to know. */
export function spoolVariables() {
  const timeZone = z
    .string()
    .check(z.refine(isTimeZone, 'is no time zone this machine knows: write it like Europe/Paris'))
  // A line ending of Windows would make a new folder beside the one that is shipped.
  const folder = z
    .string()
    .check(z.regex(/^\P{Cc}+$/u, 'must be a folder, on one line and without control characters'))
  const megabytes = z
    .string()
    .check(z.regex(/^[1-9]\d{0,6}$/, 'must be a whole number of megabytes, such as 512'))
  return {
    PROBE_SPOOL: z._default(folder, '/var/spool/presences'),
    PROBE_SPOOL_MAX_MB: z._default(z.pipe(megabytes, z.transform(Number)), 512),
    TIMEZONE: z._default(timeZone, 'Europe/Paris'),
  }
}

/** As the kernel has it (dev_valid_name): 15 bytes, no slash, no colon, not `.` nor `..`. */
function isInterfaceName(name: string): boolean {
  return /^[^\s/:]{1,15}$/.test(name) && name !== '.' && name !== '..'
}

function isScannerName(name: string): name is ScannerName {
  return (SCANNER_NAMES as readonly string[]).includes(name)
}
