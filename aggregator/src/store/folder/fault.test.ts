import { expect, test } from 'vitest'
import { explainFolderFault } from './fault.ts'

test.each([
  [
    'ENOENT',
    'ENOENT: there is no folder /srv/p; create it (is its disk mounted?), or correct STORE_URL',
  ],
  ['ENOTDIR', 'ENOTDIR: /srv/p is not a folder; correct STORE_URL'],
  ['EACCES', 'EACCES: this user may not do that; give it the right to read and write in /srv/p'],
  ['EPERM', 'EPERM: this user may not do that; give it the right to read and write in /srv/p'],
  ['EROFS', 'EROFS: the disk of /srv/p is mounted read-only; mount it for writing'],
  ['ENOSPC', 'ENOSPC: there is no space left for /srv/p; make some, and run this again'],
  ['EDQUOT', 'EDQUOT: there is no space left for /srv/p; make some, and run this again'],
  ['ENAMETOOLONG', 'ENAMETOOLONG: a part of the key is too long for a file name (255 bytes)'],
  ['EMFILE', 'EMFILE: too many files are open; raise the limit (ulimit -n)'],
  ['EIO', 'EIO: i/o error, read'],
])('%s', (code, line) => {
  const error = Object.assign(new Error(`${code}: i/o error,\n read`), { code })
  expect(explainFolderFault(error, '/srv/p')).toBe(line)
})
