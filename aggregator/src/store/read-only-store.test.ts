import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { storeContract } from './contract.ts'
import { createFolderStore } from './folder-store.ts'
import { readOnly } from './read-only-store.ts'

const folders: string[] = []
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))))

storeContract('a read-only store', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'read-only-'))
  folders.push(folder)
  return readOnly(createFolderStore(folder))
})
