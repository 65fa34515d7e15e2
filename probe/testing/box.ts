/** A box to run commands on: folders of its own, programs of the test's own on its path, a clock that stands still. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExitCode } from '@presences/shared'
import { type Effects, run } from '../src/cli.ts'
import { TESTDATA } from './recorded.ts'

export interface Box {
  /** Its programs are here, and its spool below. */
  readonly folder: string
  /** In memory, on a real box. */
  readonly runtime: string
  /** Puts a program on the path: a shell script. */
  program(name: string, script: string): void
  /** Puts an `arp-scan` on the path that says what was recorded in a case. */
  replay(name: string): void
  /** Runs a command at 08:12:04, on the loopback interface, which every machine has. */
  command(
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
    more?: Partial<Effects>,
  ): Promise<{ code: ExitCode; out: string; err: string }>
  remove(): void
}

export function makeBox(): Box {
  const folder = mkdtempSync(join(tmpdir(), 'box-'))
  const runtime = mkdtempSync(join(tmpdir(), 'box-run-'))
  const program: Box['program'] = (name, script) => {
    // Another script may be there, and may still run.
    rmSync(join(folder, name), { force: true })
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  }
  return {
    folder,
    runtime,
    program,
    replay(name) {
      const of = join(TESTDATA, 'arp-scan', name)
      program('arp-scan', `cat ${of}/stdout; cat ${of}/stderr >&2; exit $(cat ${of}/status)`)
    },
    async command(args, env = {}, more = {}) {
      let out = ''
      let err = ''
      const code = await run(args, {
        env: {
          PATH: `${folder}:/usr/bin:/bin`,
          PROBE_LOCATION: 'poulailler',
          PROBE_INTERFACES: 'lo',
          PROBE_SPOOL: join(folder, 'spool'),
          PROBE_CLOCK: 'trusted',
          RUNTIME_DIRECTORY: runtime,
          ...env,
        },
        hostName: 'box',
        processName: '1',
        elapsedMs: () => 0,
        uptimeMs: () => 60_000,
        readText: () => undefined,
        now: () => new Date('2026-11-22T07:12:04Z'),
        sleep: async () => undefined,
        stopSignal: () => AbortSignal.abort(),
        out: (text) => {
          out += text
        },
        err: (text) => {
          err += text
        },
        ...more,
      })
      return { code, out, err }
    },
    remove() {
      rmSync(folder, { recursive: true })
      rmSync(runtime, { recursive: true })
    },
  }
}
