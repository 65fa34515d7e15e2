/**
 * Why the bucket did not take a file, in words a volunteer understands, and what to do: from the reasons
 * rclone 1.60 gives (recorded in testdata/).
 */

export interface ShipFailure {
  readonly problem: string
  readonly advice: string
  /** The next file would fail with it too: no network, no server, a wrong clock, key or bucket. */
  readonly isForAll: boolean
}

/** Of a reason that is not explained here: rclone's own words must do. */
export const UNKNOWN_PROBLEM = 'rclone failed'

/** Explains one reason of rclone-log.ts. */
export function explainFailure(reason: string, configPath: string): ShipFailure {
  const known = KNOWN.find(([pattern]) => pattern.test(reason))
  if (!known) {
    return {
      problem: UNKNOWN_PROBLEM,
      advice: 'nothing if it does not last; else ask for help',
      isForAll: false,
    }
  }
  const [, problem, advice, isForAll = true] = known
  return { problem, advice: advice.replace('RCLONE_CONFIG', configPath), isForAll }
}

const WAIT = 'nothing: it is tried again by itself'

/** The first that matches; more special ones stand first. */
const KNOWN: readonly (readonly [RegExp, problem: string, advice: string, isForAll?: boolean])[] = [
  [/^rclone is not installed/, 'it takes rclone', 'apt-get install rclone'],
  [
    /^rclone could not be started/,
    "rclone can't be started",
    'nothing if it does not last; else apt-get install --reinstall rclone, or look for want of memory (journalctl -k)',
  ],
  [/^rclone was ended/, 'the run was cut short', WAIT],
  [
    /^rclone was killed/,
    'something ended rclone',
    'nothing if the machine was shut down; else look for want of memory (journalctl -k)',
    false,
  ],
  [
    /^rclone did not end/,
    'the server does not come to an end',
    'correct region and endpoint in RCLONE_CONFIG; nothing if the line is slow',
  ],
  [
    /didn't find section in config file/,
    'PROBE_REMOTE names a remote that rclone does not know',
    'make PROBE_REMOTE name a section of RCLONE_CONFIG',
  ],
  [
    /Failed to load config file|Failed to read line/,
    "rclone's configuration can't be read",
    'correct RCLONE_CONFIG: [sections], and lines like name = value; not encrypted',
  ],
  [
    /RequestTimeTooSkewed/,
    'the clock of this box is more than 15 minutes off',
    'timedatectl, and see that NTP gets through the router',
  ],
  [
    /SignatureDoesNotMatch/,
    "the key's secret is wrong",
    'correct secret_access_key (and access_key_id) in RCLONE_CONFIG',
  ],
  [
    /InvalidAccessKeyId/,
    'the server does not know the key',
    'correct access_key_id and endpoint in RCLONE_CONFIG; make a new key if it was revoked',
  ],
  [
    /NoSuchBucket/,
    'there is no such bucket',
    'correct the bucket in PROBE_REMOTE, or the endpoint in RCLONE_CONFIG',
  ],
  [/Quota|status code: 507/, 'the bucket is full', "raise the bucket's quota at the provider"],
  [
    /PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraint/,
    'the bucket is in another region',
    'correct region and endpoint in RCLONE_CONFIG',
  ],
  [
    /AccessDenied|status code: 403/,
    'the key may not write there',
    "check the key's policy, and the bucket's name in PROBE_REMOTE",
    false,
  ],
  [
    /md5|corrupted on transfer|hash differ/i,
    'the bucket answered for other bytes',
    'see "Encrypted buckets" in the README of the box',
    false,
  ],
  [/SlowDown|status code: (429|5\d\d)/, 'the server can do no more for now', WAIT],
  [
    /expected element type <Error>/,
    'something else than the bucket answered',
    'check the endpoint in RCLONE_CONFIG, and that no sign-in page stands before the Internet',
  ],
  [
    /x509|tls:|certificate|HTTP response to HTTPS/,
    "the server's certificate is not to be trusted",
    'check the clock (timedatectl) and the endpoint in RCLONE_CONFIG; is a sign-in page before the Internet?',
  ],
  [
    /no such host|server misbehaving|name resolution|dial (tcp|udp): lookup/,
    "the server's address can't be looked up (DNS)",
    'nothing if the network is down; else check DNS, and the endpoint in RCLONE_CONFIG',
  ],
  [
    /network is unreachable|no route to host/,
    'there is no network',
    'check the cable, the router and DHCP; it is tried again by itself',
  ],
  [/connection refused/, 'the server takes no connections', WAIT],
  [/i\/o timeout|timed out|[Tt]imeout/, 'the server does not answer', WAIT],
  [/connection reset|broken pipe|EOF|send request failed|dial tcp/, 'the connection broke', WAIT],
]
