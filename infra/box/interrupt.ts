/** Ctrl-C at a terminal, where a command of a package waits for its run. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, vi } from 'vitest'

/** A `systemd-run` that tells its unit and goes on, and a `systemctl` that tells what it was called with. */
export const HANGING = {
  'systemd-run': (folder: string) =>
    `#!/bin/sh\nfor a; do case $a in --unit=*) echo "\${a#*=}" >${folder}/unit.new ;; esac; done\nmv ${folder}/unit.new ${folder}/unit\nexec sleep 600\n`,
  systemctl: (folder: string) => `#!/bin/sh\necho "$@" >${folder}/systemctl.said\n`,
} as const

/** Runs a command of `folder`, interrupts it when its unit runs; gives that unit, and what systemctl was told. */
export async function interrupt(folder: string, name: string, args: readonly string[]) {
  const env = { PATH: `${folder}:${process.env.PATH}` }
  // A group of its own, as a terminal makes it: all of it is interrupted.
  const child = spawn(join(folder, name), args, { env, detached: true, stdio: 'ignore' })
  await vi.waitFor(() => expect(existsSync(join(folder, 'unit'))).toBe(true), 20_000)
  process.kill(-(child.pid ?? 0), 'SIGINT')
  await once(child, 'close')
  const read = (file: string) => readFileSync(join(folder, file), 'utf8').trim()
  return { unit: read('unit'), told: read('systemctl.said') }
}
