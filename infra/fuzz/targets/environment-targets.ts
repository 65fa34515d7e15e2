/** What people write for the programs: environments, `.env` files, time zones, days and periods, arguments. */
import { requireMac } from '@presences/aggregator/arguments/mac.ts'
import { BadPeriod, parsePeriod, pastDay } from '@presences/aggregator/arguments/period.ts'
import { UsageError } from '@presences/aggregator/arguments/usage-error.ts'
import { SECRETS, serveConfig } from '@presences/aggregator/config.ts'
import { parseStoreUrl } from '@presences/aggregator/store/store-url.ts'
import { createTicketRequests } from '@presences/aggregator/tickets/http/ticket-request.ts'
import { parseProbeConfig } from '@presences/probe/config.ts'
import {
  addDays,
  ConfigError,
  clockMinutes,
  dayWindow,
  formatSpoolPath,
  isTimeZone,
  type LocalDay,
  loadEnvironment,
  parseConfig,
  parseLocalDay,
} from '@presences/shared'
import { DAYS, PLANTED_MACS } from '../engine/fragments.ts'
import { leakIn, must, READ, SECRET, type Target } from '../engine/target.ts'

const TODAY = '2026-11-22' as LocalDay

const ZONES = ['Europe/Paris', 'europe/paris', 'UTC', 'Australia/Lord_Howe', 'Pacific/Kiritimati']
const ODD_ZONES = ['+01:00', '-23:59', 'Etc/GMT+12', 'Africa/Monrovia', 'Factory', 'EST5EDT']

const aggregatorEnvironment: Target = {
  name: 'aggregator environment',
  reader: 'aggregator/src/config.ts, shared/src/environment.ts',
  seeds: [
    `STORE_URL=s3://space/prefix\nS3_ENDPOINT=https://s3.example.org\nS3_FORCE_PATH_STYLE=true\nAWS_ACCESS_KEY_ID=id\nAWS_SECRET_ACCESS_KEY=${SECRET}\nTICKET_BACKEND_URL=https://tickets.example.org/base/\nTICKET_BACKEND_TOKEN=${SECRET}\nADMIN_TOKENS=${SECRET},${SECRET}2\n`,
    `# a comment\nexport STORE_URL="file:///var/lib/presences"\nTICKET_BACKEND_URL=https://tickets.example.org\nTICKET_BACKEND_TOKEN_FILE=/run/secrets/token\nADMIN_TOKENS='${SECRET}'\nTIMEZONE=Europe/Paris\nOPENING_HOURS=08:00-21:59\nHALF_DAY_SLOTS=3\nFULL_DAY_SLOTS=30\nEXCLUDED_NAMES=Coworking, Espace\nPORT=3000\nCORS_ORIGINS=https://admin.example.org\nCATCH_UP_DAYS=14\nMIN_COVERAGE=80\nALERT_WEBHOOK_URL=https://hooks.example.org/${SECRET}\nLOG_LEVEL=info`,
  ],
  words: [
    ...[
      'TIMEZONE=',
      'STORE_URL=s3://',
      'PORT=',
      'OPENING_HOURS=22:00-08:00',
      'MIN_COVERAGE=-1',
      '_FILE',
    ],
    ...[
      `s3://key:${SECRET}@bucket`,
      `https://user:${SECRET}@tickets.example.org`,
      `s3://id:${SECRET}`,
    ],
    ...[...ZONES, ...ODD_ZONES, 'file:///', 'http://[::1]', 'https://é.example.org', '\nexport '],
  ],
  share: 45,
  errors: [ConfigError],
  nameOf: faultsIn,
  quotes: true,
  read(input) {
    const config = configIn(input)
    mustTellDays(config.TIMEZONE)
    parseStoreUrl(config.STORE_URL)
    createTicketRequests({ url: config.TICKET_BACKEND_URL, token: config.TICKET_BACKEND_TOKEN })
    const { firstMinute, lastMinute } = config.OPENING_HOURS
    must(firstMinute < lastMinute && lastMinute < 1440, 'opening hours are hours of one day')
    must(config.HALF_DAY_SLOTS < config.FULL_DAY_SLOTS, 'a whole day is longer than half a day')
    return READ
  },
}

function configIn(input: Uint8Array) {
  try {
    return parseConfig(serveConfig, environmentOf(input))
  } catch (error) {
    return mustHideValues(error)
  }
}

/** One variable at fault is named; of several, how many. */
function faultsIn(error: Error): string {
  const names = (error as ConfigError).faults.map((fault) => /^\.?\w+/.exec(fault)?.[0])
  return names.length === 1 ? `ConfigError: ${names[0]}` : 'ConfigError: several'
}

/** Faults name variables and never show what they hold, but for the paths of files. */
function mustHideValues(error: unknown): never {
  if (error instanceof ConfigError) {
    for (const fault of error.faults.filter((each) => !/^[A-Z_]+_FILE: /.test(each))) {
      must(!fault.includes(SECRET), `a fault shows no secret: ${fault.slice(0, 60)}`)
    }
  }
  throw error
}

/** As `loadEnvironment` gives it for a `.env` of these bytes; `/run/secrets/token` is the one file there is. */
function environmentOf(input: Uint8Array) {
  const text = Buffer.from(input).toString('utf8')
  return loadEnvironment({}, SECRETS, (path) => {
    if (path === '.env') return text
    if (path.includes('\0')) throw new Error('the path holds a NUL')
    return path === '/run/secrets/token' ? `${SECRET}\n` : undefined
  })
}

function mustTellDays(timeZone: string): void {
  for (const day of ['2026-11-22', '2026-03-29', '2026-10-25'] as LocalDay[]) {
    const window = dayWindow(day, timeZone)
    must(window.minutes >= 1380 && window.minutes <= 1500, 'a day has 23 to 25 hours')
    must(clockMinutes(window, timeZone).length === window.minutes, 'each minute has its time')
  }
}

const timeZone: Target = {
  name: 'time zone',
  reader: 'shared/src/local-day.ts',
  seeds: [...ZONES, ...ODD_ZONES],
  share: 20,
  read(input) {
    const name = Buffer.from(input).toString('utf8')
    if (!isTimeZone(name)) return ['no time zone']
    mustTellDays(name)
    return READ
  },
}

const probeEnvironment: Target = {
  name: 'probe environment',
  reader: 'probe/src/config.ts',
  seeds: [
    'PROBE_LOCATION=poulailler\nPROBE_REMOTE=bucket:my-bucket\n',
    'PROBE_LOCATION=pti-poulailler\nPROBE_ID=pi.4_a\nPROBE_INTERFACES=eth0, wlan0\nPROBE_SCANNERS=arp-scan\nPROBE_SPOOL=/var/spool/presences\nTIMEZONE=Europe/Paris\nHOST_NAME=pi.local',
  ],
  words: [
    'PROBE_LOCATION=',
    'PROBE_ID=',
    'HOST_NAME=',
    'eth0:1',
    'a/b',
    'arp-scan nmap',
    ...ODD_ZONES,
  ],
  share: 45,
  errors: [ConfigError],
  nameOf: faultsIn,
  // It has no secrets, and shows what is no interface, no scanner.
  quotes: true,
  read(input) {
    const environment = environmentOf(input)
    const config = parseProbeConfig(environment, environment.HOST_NAME ?? 'box')
    mustTellDays(config.timeZone)
    // The name of a minute file can be made of it.
    formatSpoolPath({ ...config, day: TODAY, minute: 29_857_000 })
    must(config.interfaces === undefined || config.interfaces.length > 0, 'lists name something')
    must(config.scanners.length > 0, 'there is a scanner')
    return READ
  },
}

const localDay: Target = {
  name: 'local day',
  reader: 'shared/src/calendar.ts',
  seeds: DAYS,
  share: 60,
  read(input) {
    const day = parseLocalDay(Buffer.from(input).toString('utf8'))
    if (day === undefined) return ['no day']
    must(addDays(addDays(day, 1), -1) === day, 'the day after has this day before it')
    must(addDays(day, 1) > day && addDays(day, -1) < day, 'days are in order')
    const { minutes } = dayWindow(day, 'Europe/Paris')
    must(minutes > 1300 && minutes < 1600, 'a day has about 24 hours')
    return READ
  },
}

const period: Target = {
  name: 'period',
  reader: 'aggregator/src/arguments/period.ts',
  seeds: ['2026', '2026-11', '2026-11-22', '2026-10-01..2026-11-22', ...DAYS],
  words: ['..', '2025', '2026-02', ...DAYS],
  share: 60,
  errors: [BadPeriod],
  quotes: true,
  read(input) {
    const text = Buffer.from(input).toString('utf8')
    const days = parsePeriod(text, TODAY)
    must(days.length > 0 && days.length < 10_000, 'there are days in it, and not for ever')
    for (const [index, day] of days.entries()) {
      must(day <= TODAY, 'no day is in the future')
      must(index === 0 || addDays(days[index - 1] as LocalDay, 1) === day, 'no day is left out')
    }
    if (text.length === 10) must(pastDay(text, TODAY) === text, 'a day is a period')
    return READ
  },
}

const macArgument: Target = {
  name: 'MAC argument',
  reader: 'aggregator/src/arguments/mac.ts',
  seeds: [...PLANTED_MACS, ...PLANTED_MACS.map((mac) => ` ${mac}\n`)],
  share: 50,
  errors: [UsageError],
  quotes: true,
  read(input) {
    const mac = requireMac(Buffer.from(input).toString('utf8'))
    must(/^[0-9A-F]{2}(:[0-9A-F]{2}){5}$/.test(mac), 'it is a MAC address')
    must(leakIn(mac) !== undefined, 'whole MAC addresses are known as such here')
    return READ
  },
}

export const ENVIRONMENT_TARGETS = [
  aggregatorEnvironment,
  probeEnvironment,
  timeZone,
  localDay,
  period,
  macArgument,
]
