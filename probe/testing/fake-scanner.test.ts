import type { Mac } from '@presences/shared'
import { fakeScanner, type Shown } from './fake-scanner.ts'
import { type ScannerWorld, scannerContract } from './scanner-contract.ts'

const FAILURE = { reason: 'there is no link', advice: 'check the cable' }

scannerContract('fake', {
  world: async (networks) => worldOf(networks, []),
  halfBroken: async () => worldOf(2, FAILURE),
})

function worldOf(networks: 1 | 2, second: Shown): ScannerWorld {
  const shown: Record<string, Shown> = { first: [], ...(networks === 2 && { second }) }
  const all = (what: Shown) => {
    for (const network of Object.keys(shown)) shown[network] = what
  }
  return {
    scanner: fakeScanner('fake', () => shown),
    present: (macs: readonly Mac[]) => {
      shown.first = macs
    },
    broken: () => all(FAILURE),
    hanging: () => all('never'),
  }
}
