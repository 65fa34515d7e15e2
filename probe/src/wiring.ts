/**
 * Puts the probe together from its configuration: the one place that knows every scanner and the
 * spool. Loaded only by commands that need it: `--help` must not pay for it.
 */
import * as nodeFs from 'node:fs/promises'
import { loadEnvironment } from '@presences/shared'
import { type Clock, machineClock } from './clock/clock.ts'
import { isClockMemory } from './clock/judge-clock.ts'
import { askSynchronizer } from './clock/synchronizer.ts'
import { PROBE_SECRETS, type ProbeConfig, parseProbeConfig, type ScannerName } from './config.ts'
import type { Machine } from './machine.ts'
import type { RecordDeps } from './record/record-minute.ts'
import { RUNTIME_FOLDER, runtimeFile } from './runtime/runtime-folder.ts'
import type { Scanner } from './scan/scanner.ts'
import { budgetedSpool } from './spool/budget.ts'
import { folderSpool } from './spool/folder-spool.ts'
import type { Spool } from './spool/spool.ts'

/** The configuration in force. Throws ConfigError naming every fault. */
export function loadProbeConfig(machine: Machine): ProbeConfig {
  const environment = loadEnvironment(machine.env, PROBE_SECRETS, machine.readText)
  const config = parseProbeConfig(environment, machine.hostName)
  machine.useTimeZone?.(config.timeZone)
  return config
}

/** What `recordMinute` needs, with the real scanners and spool. */
export async function recordDeps(config: ProbeConfig, machine: Machine): Promise<RecordDeps> {
  return {
    location: config.location,
    probe: config.probe,
    timeZone: config.timeZone,
    version: machine.version,
    scanners: await scannersOf(config, machine),
    spool: spoolOf(config, machine),
    clock: clockOf(config, machine),
    freeBytes: () => freeBytesAt(config.spool),
    elapsedMs: machine.elapsedMs,
  }
}

function spoolOf({ spool: folder, spoolMaxBytes, timeZone }: ProbeConfig, machine: Machine): Spool {
  const spool = folderSpool({ folder, writer: machine.processName })
  return budgetedSpool(spool, { folder, maxBytes: spoolMaxBytes, timeZone }, nodeFs)
}

/** The machine's clock, and what is known of it. */
export function clockOf(config: ProbeConfig, machine: Machine): Clock {
  const { recall, remember } = runtimeFile(runtimeFolderOf(machine), 'clock.json', isClockMemory)
  return machineClock({
    basis: config.clock,
    timeZone: config.timeZone,
    now: machine.now,
    uptimeMs: machine.uptimeMs,
    bootId: machine.readText(BOOT_ID)?.trim() ?? 'unknown',
    askSynchronizer: () => askSynchronizer(searchPathOf(machine)),
    recall,
    remember,
  })
}

/**
 * The scanners a configuration names. Only these are loaded: the box pays for them 1,440 times a day.
 * `isUrgent`: a person waits for what they see.
 */
export function scannersOf(
  config: ProbeConfig,
  machine: Machine,
  isUrgent = false,
): Promise<Scanner[]> {
  const options = { interfaces: config.interfaces, searchPath: searchPathOf(machine) }
  const make: Record<ScannerName, () => Promise<Scanner>> = {
    'arp-scan': async () => (await import('./scan/arp-scan/arp-scan.ts')).arpScan(options),
    nmap: async () => (await import('./scan/nmap/nmap.ts')).nmap(options),
    neighbours: async () => (await import('./scan/neighbours/neighbours.ts')).neighbours(options),
    unifi: () => unifiScanner(config, machine, isUrgent),
  }
  return Promise.all(config.scanners.map((name) => make[name]()))
}

async function unifiScanner(
  config: ProbeConfig,
  machine: Machine,
  isUrgent: boolean,
): Promise<Scanner> {
  const [{ unifi }, { isSessionMemory }] = await Promise.all([
    import('./scan/unifi/unifi.ts'),
    import('./scan/unifi/unifi-session.ts'),
  ])
  if (!config.unifi) throw new Error('The unifi scanner was named, and its variables were not read')
  // Whoever reads it is logged in as the probe.
  const memory = runtimeFile(runtimeFolderOf(machine), 'unifi.json', isSessionMemory, 0o600)
  return unifi(config.unifi, { ...memory, uptimeMs: machine.uptimeMs, isUrgent })
}

/** Where programs are looked up: `PATH`, then the folders of arp-scan, absent from a plain user's. */
export function searchPathOf(machine: Machine): string {
  return [machine.env.PATH, '/usr/local/sbin', '/usr/sbin', '/sbin'].filter(Boolean).join(':')
}

/** Where a unit's memory is; without a unit, where its own would be. */
export function runtimeFolderOf({ env }: Machine): string {
  return env.RUNTIME_DIRECTORY ?? RUNTIME_FOLDER
}

const BOOT_ID = '/proc/sys/kernel/random/boot_id'

/** Bytes a plain user can still write at `folder`; `undefined` where that can't be told. */
export function freeBytesAt(folder: string): Promise<number | undefined> {
  return nodeFs.statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => undefined,
  )
}
