/**
 * A TLS connection to a server whose certificate is known: by its fingerprint, or by who signed it. Nothing
 * is sent before that is checked, so that a stranger in the controller's place learns no password.
 */
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import type { LookFailure } from '../scanner.ts'
import type { Trust } from './unifi-config.ts'

/** A connection to be used, or why there is none. Ends with `signal`; whoever gets it closes it. */
export async function connectTrusted(
  url: URL,
  trust: Trust,
  signal: AbortSignal,
): Promise<TLSSocket | LookFailure> {
  let ca: string | undefined
  try {
    ca = trust.caFile === undefined ? undefined : await readFile(trust.caFile, 'utf8')
  } catch (cause) {
    return {
      reason: `UNIFI_CA_FILE can't be read: ${(cause as NodeJS.ErrnoException).code}`,
      advice: `check ${trust.caFile}: the unit's user must be able to read it`,
    }
  }
  try {
    const socket = await handshake(url, ca, signal)
    const failure = distrust(socket, trust)
    if (!failure) return socket
    socket.destroy()
    return failure
  } catch (cause) {
    return explainNetwork(cause as NodeJS.ErrnoException)
  }
}

/** What an error of the network means. */
export function explainNetwork({ code, message }: NodeJS.ErrnoException): LookFailure {
  const known = KNOWN_ERRORS[code ?? '']
  if (known) return known
  return {
    reason: `the controller can't be talked to: ${code ?? message}`,
    advice: 'check UNIFI_URL, and that the box reaches the controller',
  }
}

function handshake(url: URL, ca: string | undefined, signal: AbortSignal): Promise<TLSSocket> {
  // An IPv6 address stands in brackets there.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port: Number(url.port || 443),
      ...(isIP(host) === 0 && { servername: host }),
      ...(ca !== undefined && { ca }),
      // Judged below, where the fingerprint of a certificate that is not trusted can still be told.
      rejectUnauthorized: false,
    })
    const abort = () => socket.destroy(signal.reason as Error)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    socket.once('error', reject)
    socket.once('close', () => {
      signal.removeEventListener('abort', abort)
      reject(new Error('the connection was closed'))
    })
    socket.once('secureConnect', () => {
      socket.removeListener('error', reject)
      // From here on errors are those of the request that uses it; one may come when nobody does any more.
      socket.on('error', () => undefined)
      resolve(socket)
    })
  })
}

/** Why a connection's server can't be taken for the controller. */
function distrust(socket: TLSSocket, { fingerprint, caFile }: Trust): LookFailure | undefined {
  const shown = socket.getPeerX509Certificate()?.fingerprint256 ?? 'none'
  const compare = `compare with what the controller itself shows (README, "UniFi"), and only if it is the same set UNIFI_FINGERPRINT=${shown}`
  if (fingerprint !== undefined) {
    if (shown.replaceAll(':', '') === fingerprint) return undefined
    return {
      reason: "the controller's certificate is another one than UNIFI_FINGERPRINT tells",
      advice: `it was renewed, or somebody is in its place: ${compare}`,
    }
  }
  if (caFile === undefined) {
    return { reason: "the controller's certificate is not pinned", advice: compare }
  }
  if (socket.authorized) return undefined
  return {
    reason: `the controller's certificate is not good: ${String(socket.authorizationError)}`,
    advice: `check UNIFI_CA_FILE and the name in UNIFI_URL; or, without UNIFI_CA_FILE: ${compare}`,
  }
}

const UNREACHABLE: LookFailure = {
  reason: "the controller can't be reached",
  advice: 'check UNIFI_URL, that the controller runs, and that the box is on its network',
}

const KNOWN_ERRORS: Readonly<Record<string, LookFailure>> = {
  ECONNREFUSED: {
    reason: 'nothing listens at UNIFI_URL',
    advice: 'check the address and the port, and that the controller runs',
  },
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  ETIMEDOUT: UNREACHABLE,
  ENOTFOUND: {
    reason: "the name in UNIFI_URL can't be resolved",
    advice: "use the controller's IP address",
  },
  EAI_AGAIN: {
    reason: 'no name server answers',
    advice: "use the controller's IP address in UNIFI_URL",
  },
  EPROTO: {
    reason: 'what listens at UNIFI_URL speaks no TLS',
    advice: 'check the port: 443, or 11443',
  },
  ERR_SSL_WRONG_VERSION_NUMBER: {
    reason: 'what listens at UNIFI_URL speaks no TLS',
    advice: 'check the port: 443, or 11443',
  },
}
