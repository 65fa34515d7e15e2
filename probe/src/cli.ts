/**
 * The commands, their exit codes, and the only place that reads the clock and the environment. What a
 * command needs is imported when it runs: the box starts this program 1,440 times a day.
 */
import { readFileSync } from 'node:fs'
import { hostname, uptime } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildVersion, ConfigError, ExitCode, visibleFault, visibleText } from '@presences/shared'
import { Command, CommanderError } from 'commander'
import { version as packageVersion } from '../package.json'
import type { Machine, Screen } from './machine.ts'

export interface Effects extends Omit<Machine, 'version'>, Screen {
  readonly sleep: (ms: number, stop: AbortSignal) => Promise<void>
  /** Aborted when the system asks the program to end. Called by commands that go on until then. */
  readonly stopSignal: () => AbortSignal
}

/** Runs one command and gives its exit code. Never throws: what goes wrong is said on `err`. */
export async function run(args: readonly string[], given: Effects): Promise<ExitCode> {
  const effects = { ...given, ...visibleScreen(given) }
  let code: ExitCode = ExitCode.done
  const version = buildVersion(packageVersion)
  const machine: Machine = { ...effects, version }
  const program = new Command('presences-probe')
    .description('Looks every minute which devices are on the network of a room.')
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: effects.out, writeErr: effects.err })
    .showHelpAfterError('(presences-probe --help lists what is accepted)')
    .addHelpText('after', HELP_END)
  program
    .command('scan')
    .description('scan once and write one minute file; prints its path and the number of devices')
    .action(async () => {
      const { scan } = await import('./commands.ts')
      code = await scan(effects.now(), machine, effects)
    })
  program
    .command('watch')
    .description('scan at the start of every minute until told to end, without systemd timers')
    .action(async () => {
      const { watchMinutes } = await import('./commands.ts')
      code = await watchMinutes(effects.stopSignal(), machine, effects)
    })
  program
    .command('ship')
    .description('ship the minute files that wait to the bucket, with rclone')
    .option('--now', 'try also when the bucket failed just now')
    .action(async ({ now }: { now?: boolean }) => {
      const { ship } = await import('./ship/ship-command.ts')
      const asked = { isForced: now === true, begun: effects.now(), stop: effects.stopSignal() }
      code = await ship(asked, machine, effects)
    })
  program
    .command('status')
    .description('how the probe does: last scan, what waits, last shipment, clock')
    .option('--json', 'print it as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const { showStatus } = await import('./commands.ts')
      code = await showStatus(json === true, effects.now(), machine, effects)
    })
  program
    .command('doctor')
    .description('check what a probe needs: what works, what does not, what to do')
    .option('--json', 'print the checks as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const { examine } = await import('./commands.ts')
      code = await examine(json === true, effects.now(), machine, effects)
    })
  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (cause) {
    return report(cause, effects.err)
  }
}

/** The one way out of the program: what others wrote is shown as text, and no more (`visible-text.ts`). */
function visibleScreen({ out, err }: Screen): Screen {
  return {
    out: (text) => out(visibleText(text)),
    // What failed, with its list below it: what else looks like a line of its own is none.
    err: (text) => err(`${visibleFault(text.replace(/\n$/, ''))}\n`),
  }
}

/** The effects of the machine the program runs on. */
export function systemEffects(): Effects {
  return {
    env: process.env,
    hostName: hostname(),
    processName: `${process.pid}-${process.hrtime.bigint()}`,
    elapsedMs: () => Number(process.hrtime.bigint()) / 1e6,
    uptimeMs: () => uptime() * 1000,
    readText: readTextIfThere,
    useTimeZone: (name) => {
      process.env.TZ = name
    },
    now: () => new Date(),
    // An aborted sleep has ended, and that is all there is to say.
    sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
    stopSignal: stopOnSignals,
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  }
}

const HELP_END = `
Configuration: environment variables, or a .env file in the working folder.
  PROBE_LOCATION    the room, such as poulailler (required)
  PROBE_ID          this probe's name (the host name)
  PROBE_INTERFACES  interfaces to scan, such as eth0,wlan0 (the default route's)
  PROBE_SCANNERS    how to look, one or several: arp-scan, nmap, neighbours, unifi (arp-scan)
  PROBE_CLOCK       what the clock is taken on: synchronized, trusted (synchronized)
  PROBE_SPOOL       where minute files wait to be shipped (/var/spool/presences)
  PROBE_SPOOL_MAX_MB  how much may wait there (512)
  TIMEZONE          the room's time zone (Europe/Paris)
For the scanner unifi:
  UNIFI_URL         the console, such as https://192.168.1.1
  UNIFI_USERNAME    a local account of it that may only view
  UNIFI_PASSWORD    its password; or UNIFI_PASSWORD_FILE, the file that holds it
  UNIFI_FINGERPRINT  SHA-256 of the console's certificate, which doctor shows; or
  UNIFI_CA_FILE     who signed it
  UNIFI_SITES       sites to look at (default)
  UNIFI_CLIENTS     which clients count (wireless,wired)
For ship:
  PROBE_REMOTE      rclone's remote and the bucket, such as bucket:my-bucket
  PROBE_BANDWIDTH   bytes a second that shipping may take, such as 512K (all there are)
  RCLONE_CONFIG     rclone's configuration, which holds the key (/etc/presences/rclone.conf)

Exit codes: 0 done, 1 done in part, 2 bad usage or configuration, 3 could not work.
`

function report(cause: unknown, err: (text: string) => void): ExitCode {
  // Commander has said what there was to say; its only successes are help and version.
  if (cause instanceof CommanderError) return cause.exitCode === 0 ? ExitCode.done : ExitCode.usage
  err(`${(cause as Error).message}\n`)
  return cause instanceof ConfigError ? ExitCode.usage : ExitCode.unable
}

function readTextIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw cause
  }
}

/** The first signal ends the program in order, a second one at once. */
function stopOnSignals(): AbortSignal {
  const stop = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort())
  return stop.signal
}
