/** What readers have tripped over before, anywhere: limits of numbers, odd characters, names of prototypes. */

/** Whole MAC addresses as people write them: they must come back in no message. */
export const PLANTED_MACS = [
  'DE:AD:BE:EF:CA:FE',
  'de:ad:be:ef:ca:fe',
  'DE-AD-BE-EF-CA-FE',
  'de.ad.be.ef.ca.fe',
  'dead.beef.cafe',
  'DEADBEEFCAFE',
]

export const NUMBERS = [
  ...['0', '-0', '-1', '1', '0.5', '00', '1e3', '1e308', '1e999', '-1e999', '0x10', '1_000'],
  ...['2147483647', '2147483648', '4294967296', '9007199254740991', '9007199254740993'],
  ...['NaN', 'Infinity', '-Infinity', '٣', '０', '1,5', '.5', '5.', '+1'],
]

export const DAYS = [
  ...['2026-02-30', '2026-03-29', '2026-10-25', '2024-02-29', '2026-13-01', '2026-00-00'],
  ...['0000-01-01', '0001-01-01', '0099-12-31', '1969-12-31', '1970-01-01', '9999-12-31'],
  ...['2026-11-22', '20261122', '2026-11-22T24:00', '+010000-01-01', '-000001-01-01'],
]

const SIGNS = [
  ...[
    '"',
    "'",
    '\\',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    ';',
    '=',
    '/',
    '//',
    '../',
    '.',
    '..',
    '-',
    '--',
  ],
  ...['#', '%', '%00', '%2F', '%zz', '%', '%ED%A0%80', '&', '?', '+', '*', '<', '>', '`', '$', '@'],
  ...['\t', '\n', '\r\n', '\r', ' ', '  ', '\0', '\u{1b}[31m', '\u{7f}', '\v', '\f'],
]

const LETTERS = [
  ...[
    'é',
    'e\u{301}',
    'ß',
    'İ',
    'ı',
    'Ω',
    '💶',
    '\u{FEFF}',
    '\u{FFFD}',
    '\u{2028}',
    '\u{a0}',
    '\u{200d}',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'prototype',
    'null',
    'undefined',
    'true',
  ],
  ...['A', 'z', 'T', 'Z', 'T08', 'Z-', 'GMT'],
]

/** Pieces for any format. */
export const FRAGMENTS = [...PLANTED_MACS, ...NUMBERS, ...DAYS, ...SIGNS, ...LETTERS].map((text) =>
  Buffer.from(text),
)

/** Bytes that are no UTF-8: a lone surrogate, an overlong NUL, a broken end, a mark of UTF-16. */
export const NOT_UTF8 = ['eda080', 'c080', 'e282', 'fffe', 'f0'].map((hex) =>
  Buffer.from(hex, 'hex'),
)

/** What is said many times over when an input is stretched: each has made some pattern explode. */
export const PUMPS = [
  ...[
    ' ',
    '\t',
    '\n',
    ' \n',
    '\r\n',
    '/',
    '.',
    ',',
    ':',
    '-',
    '=',
    '"',
    '\\',
    '%',
    '%41',
    '#',
    '\u{2028}',
  ],
  ...['[', '{"a":', '[],', '<Code>', '0', 'a', 'Z', 'a=b ', '@', 'AA:', '\0', '__proto__'],
]
