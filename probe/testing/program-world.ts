/**
 * The world of a scanner that runs programs, for the contract suite: a folder with the kernel's files and
 * shell scripts in the programs' place. `eth0` is its first network, `eth1` its second.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Mac } from '@presences/shared'
import type { KernelFolders } from '../src/scan/interfaces.ts'
import type { Scanner } from '../src/scan/scanner.ts'
import type { InterfaceAddresses } from '../src/scan/subnets.ts'
import type { ScannerUnderTest, ScannerWorld } from './scanner-contract.ts'

export interface ProgramOptions {
  readonly interfaces: readonly string[]
  readonly searchPath: string
  readonly kernel: KernelFolders
}

/** What a program says: text and exit status. `IF` in its script is the interface it was asked for. */
export interface ProgramWords {
  readonly program: string
  /** What it prints of devices that are there. */
  readonly output: (macs: readonly Mac[]) => string
  /** Says what it says when it may not look: a shell script. */
  readonly refusal: string
}

/** Of both interfaces, as `os.networkInterfaces()` has them. */
export const ADDRESSES: InterfaceAddresses = {
  eth0: [addressOf('10.9.0.1')],
  eth1: [addressOf('10.9.1.1')],
}

/** A scanner made by `make`, whose program is a script that says `words`. */
export function programScanner(
  words: ProgramWords,
  make: (options: ProgramOptions) => Scanner,
): ScannerUnderTest {
  const folders: string[] = []
  const world = async (interfaces: readonly string[]): Promise<ScannerWorld> => {
    const folder = mkdtempSync(join(tmpdir(), 'scanner-'))
    folders.push(folder)
    const say = (script: string) => writeProgram(folder, words.program, script)
    for (const name of ['eth0', 'eth1']) {
      mkdirSync(join(folder, name))
      writeFileSync(join(folder, name, 'carrier'), '1\n')
    }
    const answer = (macs: readonly Mac[]) => {
      writeFileSync(join(folder, 'seen'), words.output(macs))
      writeFileSync(join(folder, 'nobody'), words.output([]))
      say(`if [ "$IF" = eth0 ]; then cat ${folder}/seen; else cat ${folder}/nobody; fi`)
    }
    answer([])
    return {
      scanner: make({
        interfaces,
        searchPath: `${folder}:/usr/bin:/bin`,
        kernel: { interfaces: folder, routes: join(folder, 'route') },
      }),
      present: answer,
      broken: () => say(words.refusal),
      hanging: () => say('exec sleep 600'),
    }
  }
  return {
    world: (networks) => world(['eth0', 'eth1'].slice(0, networks)),
    halfBroken: () => world(['eth0', 'missing0']),
    close: async () => {
      for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
    },
  }
}

/** Puts a shell script in a program's place. It finds the interface it is asked for in $IF. */
export function writeProgram(folder: string, name: string, script: string): void {
  const path = join(folder, name)
  writeFileSync(path, `#!/bin/sh\n${INTERFACE}\n${script}\n`)
  chmodSync(path, 0o755)
}

/** Each program has its own way to be told: `--interface=eth0`, `-e eth0`, `-I eth0`, `dev eth0`. */
const INTERFACE = `for a; do
  case $last in -e | -I | dev) IF=$a ;; esac
  case $a in --interface=*) IF=\${a#*=} ;; esac
  last=$a
done`

function addressOf(address: string) {
  return {
    address,
    netmask: '255.255.255.248',
    family: 'IPv4',
    mac: '02:00:00:00:00:01',
    internal: false,
    cidr: `${address}/29`,
  } as const
}
