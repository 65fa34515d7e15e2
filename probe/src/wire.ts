/**
 * Puts the probe together from its configuration: the one place that knows every scanner and the
 * spool. Loaded only by commands that need it: `--help` must not pay for it.
 */
import { loadEnvironment, type ReadText } from '@presences/shared'
import { type ProbeConfig, parseProbeConfig, type ScannerName } from './config.ts'
import type { RecordDeps } from './record-minute.ts'
import { arpScan } from './scan/arp-scan.ts'
import type { Scanner } from './scan/scanner.ts'
import { folderSpool } from './spool.ts'

/** What the machine gives a probe. */
export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly hostName: string
  /** Unique to this process on this machine. */
  readonly processName: string
  readonly version: string
  readonly elapsedMs: () => number
  readonly readText: ReadText
}

/** The configuration in force. Throws ConfigError naming every fault. */
export function loadProbeConfig(machine: Machine): ProbeConfig {
  return parseProbeConfig(loadEnvironment(machine.env, [], machine.readText), machine.hostName)
}

/** What `recordMinute` needs, with the real scanners and spool. */
export function recordDeps(config: ProbeConfig, machine: Machine): RecordDeps {
  return {
    location: config.location,
    probe: config.probe,
    timeZone: config.timeZone,
    version: machine.version,
    scanners: scannersOf(config, machine),
    spool: folderSpool({ folder: config.spool, writer: machine.processName }),
    elapsedMs: machine.elapsedMs,
  }
}

/** The scanners a configuration names. */
export function scannersOf(config: ProbeConfig, machine: Machine): Scanner[] {
  const make: Record<ScannerName, () => Scanner> = {
    'arp-scan': () => arpScan({ interfaces: config.interfaces, searchPath: searchPathOf(machine) }),
  }
  return config.scanners.map((name) => make[name]())
}

/** Where programs are looked up: `PATH`, then the folders of arp-scan, absent from a plain user's. */
export function searchPathOf(machine: Machine): string {
  return [machine.env.PATH, '/usr/local/sbin', '/usr/sbin', '/sbin'].filter(Boolean).join(':')
}
