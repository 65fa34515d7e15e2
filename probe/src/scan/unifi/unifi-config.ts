/** What the unifi scanner needs to know, from the environment. Pure, as config.ts is. */
import * as z from 'zod/mini'
import { listOf } from '../../runtime/list-variable.ts'

/** The kinds of clients a controller knows. */
const CLIENT_KINDS = ['wireless', 'wired'] as const
export type ClientKind = (typeof CLIENT_KINDS)[number]

export interface UnifiConfig {
  /** `https://` and the controller, without a path. */
  readonly origin: string
  readonly username: string
  readonly password: string
  /** As in the address of the controller's pages; what people call it is another name. */
  readonly sites: readonly string[]
  readonly clients: readonly ClientKind[]
  readonly trust: Trust
}

/** What the controller's certificate is known by. Without either, nothing is sent to it. */
export interface Trust {
  /** SHA-256 of the certificate: 64 hexadecimal digits in upper case. */
  readonly fingerprint: string | undefined
  /** Who must have signed it, for the name in the address. */
  readonly caFile: string | undefined
}

/** The variables of the unifi scanner. */
export function unifiVariables() {
  return z.object({
    UNIFI_URL: z
      .string('is not set: name the controller, such as https://192.168.1.1')
      .check(z.refine(isOrigin, 'must be https:// and the controller, without a path')),
    UNIFI_USERNAME: z.string('is not set: make an account on the controller that may only view'),
    UNIFI_PASSWORD: z.string('is not set, nor UNIFI_PASSWORD_FILE'),
    UNIFI_SITES: z._default(listOf(isSiteName, SITE_FAULT), ['default']),
    UNIFI_CLIENTS: z._default(
      listOf(isClientKind, `is no kind of client: there are ${CLIENT_KINDS.join(', ')}`),
      [...CLIENT_KINDS],
    ),
    UNIFI_FINGERPRINT: z.optional(fingerprint()),
    UNIFI_CA_FILE: z.optional(z.string()),
  })
}

/** What they make. */
export function unifiSchema() {
  return z.pipe(
    unifiVariables().check(
      z.refine((env) => !(env.UNIFI_FINGERPRINT && env.UNIFI_CA_FILE), {
        path: ['UNIFI_FINGERPRINT'],
        message: 'and UNIFI_CA_FILE are both set: keep one',
      }),
    ),
    z.transform(
      (env): UnifiConfig => ({
        origin: new URL(env.UNIFI_URL).origin,
        username: env.UNIFI_USERNAME,
        password: env.UNIFI_PASSWORD,
        sites: env.UNIFI_SITES,
        clients: env.UNIFI_CLIENTS.filter(isClientKind),
        trust: { fingerprint: env.UNIFI_FINGERPRINT, caFile: env.UNIFI_CA_FILE },
      }),
    ),
  )
}

const SITE_FAULT =
  "is no site's name: it is the word after /manage/ in the address of the controller's pages, such as default"

/** As openssl and browsers show it: with colons, spaces or nothing between, in any case. */
function fingerprint() {
  const digits = z.pipe(
    z.string(),
    z.transform((text) => text.replaceAll(/[\s:]/g, '').toUpperCase()),
  )
  return digits.check(
    z.refine(
      (text) => /^[0-9A-F]{64}$/.test(text),
      "must be the SHA-256 fingerprint of the controller's certificate: 64 hexadecimal digits",
    ),
  )
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password, pathname, search, hash } = new URL(text)
  return protocol === 'https:' && username + password === '' && pathname + search + hash === '/'
}

function isSiteName(name: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(name)
}

function isClientKind(name: string): name is ClientKind {
  return (CLIENT_KINDS as readonly string[]).includes(name)
}
