import { expect, it } from 'vitest';
import { openWords } from '../../src/scanners/open-ports.ts';

it.each([
  [[], ''],
  [[{ protocol: 'tcp', from: 22, to: 22 }], 'public, open to the internet: SSH'],
  [
    [{ protocol: 'tcp', from: 20, to: 25 }],
    'public, open to the internet: FTP, SSH, Telnet, SMTP mail',
  ],
  [[{ protocol: '-1', from: null, to: null }], 'public, open to the internet: all traffic'],
  [[{ protocol: 'udp', from: 0, to: 65_535 }], 'public, open to the internet: all ports'],
  [[{ protocol: 'tcp', from: 1000, to: 9300 }], 'public, open to the internet: many ports'],
  [[{ protocol: 'icmp', from: -1, to: -1 }], 'public, open to the internet'],
  [[{ protocol: 'tcp', from: 4711, to: null }], 'public, open to the internet'],
])('says of %j in words what is open', (rules, words) => {
  expect(openWords(rules)).toBe(words);
});
