import { describe, expect, test } from 'vitest'
import { mainArchive, sourceFor } from './debian-mirror.ts'

describe('the archive', () => {
  const SOURCES = '/etc/apt/sources.list.d/debian.sources'

  test.each([
    ['none', [], undefined],
    [
      'what updates the release',
      [`http://a.example/debian/\tbookworm-updates\t${SOURCES}:1`],
      undefined,
    ],
    [
      'the first release of several',
      [
        `http://a.example/debian/\tbookworm-updates\t${SOURCES}:1`,
        `http://a.example/debian/\tbookworm\t${SOURCES}:1`,
        `http://b.example/debian/\tsid\t/etc/apt/sources.list:12`,
      ],
      { uri: 'http://a.example/debian/', release: 'bookworm', file: SOURCES },
    ],
  ])('%s', (_what, lines, expected) => {
    expect(mainArchive(lines)).toEqual(expected)
  })
})

describe('its entry for another release', () => {
  const stable = { uri: 'http://a.example/debian/', release: 'bookworm' }

  test.each([
    ['http://a.example/debian', '', 'http://a.example/debian/'],
    [
      'http://a.example/debian/',
      '[signed-by=/usr/share/keyrings/own.gpg arch=amd64] ',
      'http://a.example/debian/',
    ],
    ['mirror+file:///etc/apt/mirrors.list', '', 'mirror+file:/etc/apt/mirrors.list/'],
    ['https://user:word@a.example/x', '[trusted=yes] ', 'https://user:word@a.example/x/'],
  ])('of the line for %s keeps %j', (written, options, uri) => {
    const text = `# deb ${written} bookworm main
deb-src ${options}${written} bookworm main
deb ${options}${written} bookworm-updates main
deb ${options}${written} bookworm main contrib # ours
`
    expect(sourceFor('trixie', { ...stable, uri, file: '/etc/apt/sources.list' }, text)).toBe(
      `deb ${options}${written} trixie main\n`,
    )
  })

  test('of a stanza keeps its keys and its other mirrors', () => {
    const text = `# Written by the installer.

Types: deb
URIs: http://a.example/debian-security
Suites: bookworm-security
Components: main

Types: deb deb-src
# http://snapshot.example/
URIs: http://z.example/debian
 http://a.example/debian
Suites: bookworm bookworm-updates
Components: main non-free-firmware
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 bytes
 -----END PGP PUBLIC KEY BLOCK-----
`
    const file = '/etc/apt/sources.list.d/debian.sources'
    expect(sourceFor('trixie', { ...stable, file }, text)).toBe(`types: deb
uris: http://z.example/debian
 http://a.example/debian
suites: trixie
components: main
signed-by: -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 bytes
 -----END PGP PUBLIC KEY BLOCK-----
`)
  })

  test.each(['/etc/apt/sources.list', '/etc/apt/sources.list.d/a.sources'])(
    'is none in a %s without it',
    (file) => {
      expect(
        sourceFor('trixie', { ...stable, file }, 'deb http://b.example/debian bookworm main\n'),
      ).toBe(undefined)
    },
  )
})
