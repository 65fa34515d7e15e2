/**
 * The aggregator's configuration (design, section 8), as pieces: each command asks for those it uses, so
 * that computing from files needs no bucket and no ticket server. Every fault is named at once.
 */
import { isIP } from 'node:net'
import { isTimeZone, LOCATION_PATTERN } from '@presences/shared'
import { z } from 'zod'
import { DEFAULT_RULE, parseOpeningHours } from './domain/rule.ts'
import { LOG_LEVELS } from './runtime/log.ts'
import { BadStoreUrl, parseStoreUrl } from './store/store-url.ts'
import { tokenFault, urlFault } from './tickets/http/ticket-address.ts'

/** Each may also be given as `<NAME>_FILE`. */
export const SECRETS = [
  'TICKET_BACKEND_TOKEN',
  'ADMIN_TOKENS',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'ALERT_WEBHOOK_URL',
] as const

const NO_USER = { username: '', password: '' }
const NO_QUERY = 'must have no ? and no #: keys have variables of their own'
const ADMIN_TOKEN_LENGTH = 16

const trueOrFalse = z
  .enum(['true', 'false'], 'must be true or false')
  .transform((text) => text === 'true')
const slots = wholeNumber(1, 144)
const days = wholeNumber(0, 366)

const general = {
  MEMBER_GRACE_DAYS: days.default(7),
  TIMEZONE: z
    .string()
    .default('Europe/Paris')
    .refine(isTimeZone, 'is not a time zone: write one such as Europe/Paris')
    // `europe/paris` is the same zone: rollups are kept under one name.
    .transform(
      (name) => new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone,
    ),
  OPENING_HOURS: z
    .string()
    .optional()
    .transform((text, context) => {
      const hours = text === undefined ? DEFAULT_RULE.openingHours : parseOpeningHours(text)
      if (hours) return hours
      context.addIssue('must be HH:MM-HH:MM, the last minute included, such as 08:00-21:59')
      return z.NEVER
    }),
  HALF_DAY_SLOTS: slots.default(DEFAULT_RULE.halfDaySlots),
  FULL_DAY_SLOTS: slots.default(DEFAULT_RULE.fullDaySlots),
  EXCLUDED_NAMES: commaList('Coworking'),
  LOG_DIR: z.string().optional(),
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
}

const store = {
  STORE_URL: z
    .string('is missing: write s3://bucket, s3://bucket/prefix or file:///folder')
    .superRefine(refuseWith(storeUrlFault)),
  LOCATIONS: z
    .string()
    .transform(splitCommas)
    .refine((names) => names.length > 0, 'is empty')
    .refine(
      (names) => names.every((name) => LOCATION_PATTERN.test(name)),
      'must be names of rooms, such as poulailler,pti-poulailler: each of a-z, 0-9 and -, at most 64 of them',
    )
    .optional(),
  S3_ENDPOINT: httpUrl('such as https://s3.gra.io.cloud.ovh.net')
    .refine((text) => !/[?#]/.test(text), NO_QUERY)
    .optional(),
  S3_REGION: z.string().optional(),
  S3_FORCE_PATH_STYLE: trueOrFalse.optional(),
  AWS_ACCESS_KEY_ID: z.string().optional(),
  AWS_SECRET_ACCESS_KEY: z.string().optional(),
  AWS_SESSION_TOKEN: z.string().optional(),
}

/** What charging takes beyond the two servers. */
const charging = {
  CATCH_UP_DAYS: days.default(14),
  AUTO_REPLAY_DAYS: days.default(0),
  MIN_COVERAGE: wholeNumber(0, 100).default(80),
  RESTORE_CORRECTIONS: trueOrFalse.default(false),
  // A query may be: Teams and Google Chat have their keys there. It is a secret, and printed nowhere.
  ALERT_WEBHOOK_URL: httpUrl('that takes a POST of {title, message, level}').optional(),
}

/** When a probe is missed. */
const probes = {
  PROBE_SILENT_MINUTES: wholeNumber(3, 1440).default(15),
}

const tickets = {
  TICKET_BACKEND_URL: z
    .string('is missing: write a URL such as https://tickets.coworking-metz.fr')
    .superRefine(refuseWith(urlFault)),
  TICKET_BACKEND_TOKEN: z
    .string("is missing: it is one of the ticket server's API keys")
    .superRefine(refuseWith(tokenFault)),
}

const service = {
  ADMIN_TOKENS: z
    .string('is missing: without it nobody could sign in')
    .transform(splitCommas)
    .refine((tokens) => tokens.length > 0, 'is empty')
    .refine(
      (tokens) => tokens.every((token) => token.length >= ADMIN_TOKEN_LENGTH),
      `each token must have at least ${ADMIN_TOKEN_LENGTH} characters`,
    )
    // A header's token ends at a space: such a one could never be shown.
    .refine(
      (tokens) => tokens.every((token) => /^[\x21-\x7e]+$/.test(token)),
      'tokens are plain letters, digits and signs, without spaces',
    ),
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce
    .number('must be a port number')
    .int('must be a port number')
    .min(0, 'must be a port number')
    .max(65_535, 'must be a port number')
    .default(3000),
  CORS_ORIGINS: commaList('').refine(
    (origins) =>
      origins.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin),
    'must be origins such as https://admin.coworking-metz.fr, separated by commas',
  ),
  TRUSTED_PROXIES: commaList('').refine(
    (addresses) => addresses.every((address) => isIP(address) !== 0),
    'must be addresses of reverse proxies such as 127.0.0.1, separated by commas',
  ),
}

/** What computing from given files takes. */
export const localConfig = checked(z.object(general))
/** What computing from the store, with members from a file, takes. */
export const storeConfig = checked(z.object({ ...general, ...store }))
/** What computing from files with the ticket server's member map takes. */
export const membersConfig = checked(z.object({ ...general, ...tickets }))
/** What every command that charges takes. */
export const chargeConfig = checked(z.object({ ...general, ...store, ...tickets, ...charging }))
/** What watching the probes takes. */
export const probesConfig = checked(
  z.object({
    ...general,
    ...store,
    ...probes,
    ALERT_WEBHOOK_URL: charging.ALERT_WEBHOOK_URL,
  }),
)
/** What telling who is here takes. */
export const heartbeatConfig = checked(z.object({ ...general, ...store, ...tickets }))
/** What the HTTP service takes. */
export const serveConfig = checked(
  z.object({ ...general, ...store, ...tickets, ...charging, ...probes, ...service }),
)

export type LocalConfig = z.output<typeof localConfig>
export type StoreConfig = z.output<typeof storeConfig>
export type TicketsConfig = z.output<typeof membersConfig>
export type ProbesConfig = z.output<typeof probesConfig>
export type ChargeConfig = z.output<typeof chargeConfig>
export type ServeConfig = z.output<typeof serveConfig>

/** Every variable the aggregator reads, but the `_FILE` forms of its secrets. */
export const VARIABLES: readonly string[] = Object.keys({
  ...general,
  ...store,
  ...tickets,
  ...charging,
  ...probes,
  ...service,
})

/** Adds the checks that concern several variables. */
function checked<Shape extends typeof general>(schema: z.ZodObject<Shape>) {
  return schema.superRefine((given, context) => {
    const config = given as unknown as z.output<z.ZodObject<typeof general>>
    if (config.FULL_DAY_SLOTS <= config.HALF_DAY_SLOTS) {
      context.addIssue({
        code: 'custom',
        path: ['FULL_DAY_SLOTS'],
        message: 'must be more than HALF_DAY_SLOTS',
      })
    }
  })
}

/** A check that says itself what is wrong. */
function refuseWith(faultOf: (text: string) => string | undefined) {
  return (text: string, context: z.RefinementCtx<string>) => {
    const fault = faultOf(text)
    if (fault) context.addIssue(fault)
  }
}

function storeUrlFault(text: string): string | undefined {
  try {
    parseStoreUrl(text)
    return undefined
  } catch (error) {
    if (!(error instanceof BadStoreUrl)) throw error
    return error.message
  }
}

function wholeNumber(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`
  return z.coerce.number(message).int(message).min(min, message).max(max, message)
}

function commaList(byDefault: string) {
  return z.string().default(byDefault).transform(splitCommas)
}

function splitCommas(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

/** It may be quoted in messages, and sent where it leads: no password in it. */
function httpUrl(example: string) {
  return z
    .string(`is missing: write a URL ${example}`)
    .refine(
      (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
      `must be a URL ${example}`,
    )
    .refine((text) => {
      const { username, password } = URL.canParse(text) ? new URL(text) : NO_USER
      return username === '' && password === ''
    }, 'must have no user name or password before its host')
}
