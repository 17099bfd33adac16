import type { ScanEvent } from 'cloudops-estate-scanner';
import type { EstateSearchResult } from 'cloudops-storage-service';
import { describe, expect, it } from 'vitest';
import { safe } from '../../src/terminal/screen.ts';
import { countByTypeAndRegion, showResourceTable } from '../../src/views/resource-table.ts';
import { ScanProgress } from '../../src/views/scan-progress.ts';
import { allowedText, showSearchResults } from '../../src/views/search-results.ts';
import { testScreen } from '../screen.ts';

// oxlint-disable-next-line no-control-regex -- escape codes are what is looked for
const ESCAPE = /\u001B/;

const estate = [
  { resource_type: 'ec2:instance', region: 'eu-west-1' },
  { resource_type: 'ec2:instance', region: 'eu-west-1' },
  { resource_type: 'ec2:instance', region: 'us-east-1' },
  { resource_type: 's3:bucket', region: 'us-east-1' },
];

describe('the table by type and region', () => {
  it('counts in both directions', () => {
    const { screen, text } = testScreen();
    showResourceTable(screen, countByTypeAndRegion(estate));
    expect(text()).toBe(
      [
        'type          eu-west-1  us-east-1  total',
        'ec2:instance          2          1      3',
        's3:bucket             ·          1      1',
        'total                 2          2      4',
        '',
      ].join('\n'),
    );
  });

  it('adds up the regions that do not fit', () => {
    const many = Array.from({ length: 30 }, (_, index) => ({
      resource_type: 'ec2:vpc',
      region: `region-${index}`,
    }));
    const { screen, text } = testScreen({ columns: 80 });
    showResourceTable(screen, countByTypeAndRegion([...many, ...estate]));
    const lines = text().split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines[0]).toMatch(/eu-west-1.* 2\d others +total$/);
    expect(lines.find((line) => line.startsWith('total'))).toMatch(/ 34$/);
  });

  it('has rules and colours on a terminal, and neither with NO_COLOR', () => {
    const rich = testScreen({ isTTY: true, columns: 100 });
    showResourceTable(rich.screen, countByTypeAndRegion(estate));
    expect(rich.text()).toMatch(ESCAPE);
    const plain = testScreen({ isTTY: true, columns: 100 }, { NO_COLOR: '1', TERM: 'xterm' });
    showResourceTable(plain.screen, countByTypeAndRegion(estate));
    expect(plain.text()).not.toMatch(ESCAPE);
  });

  it('takes a terminal without a size for none', () => {
    expect(testScreen({ isTTY: true, columns: 0 }).screen).toMatchObject({
      isRich: false,
      width: 120,
    });
  });
});

describe('search results', () => {
  const result = (name: string, allowed: string[]): EstateSearchResult => ({
    score: 0.98765,
    record: {
      key: 'k',
      account_id: '123456789012',
      region: 'eu-west-1',
      service: 'rds',
      resource_type: 'rds:db',
      resource_id: 'rds:db/x',
      arn: null,
      name,
      state: null,
      tags: null,
      created_at: null,
      attributes: {},
      relations: [],
      visible_from: [],
      permissions: {
        principal_arn: 'arn:aws:iam::123456789012:user/me',
        allowed,
        denied: [],
        conditional: [],
        evaluated_at: '2026-01-31T09:00:00.000Z',
        status: 'evaluated',
      },
      text: '',
      content_hash: 'h',
      embedding: null,
      first_seen: '2026-01-31T09:00:00.000Z',
      last_seen: '2026-01-31T09:00:00.000Z',
      scan_id: null,
      missing_since: null,
    },
  });

  it('show score, name, type, region and what the caller may do', () => {
    const { screen, text } = testScreen();
    showSearchResults(screen, [result('checkout-prod', ['rds:StopDBInstance'])]);
    expect(text()).toMatch(/0\.988 +checkout-prod +rds:db +eu-west-1 +StopDBInstance/);
  });

  it('say so where nothing was found', () => {
    const { screen, text } = testScreen();
    showSearchResults(screen, []);
    expect(text()).toBe('Nothing found.\n');
  });

  it('never let a name write to the terminal', () => {
    const { screen, text } = testScreen();
    showSearchResults(screen, [result('a\u001B[31m\u0007b\u202Ec', [])]);
    expect(text()).toContain(' a[31mbc ');
    expect(safe('1\t2\u001B]0;x\u0007')).toBe('1  2]0;x');
  });

  it('tell how many actions were left out for lack of room, and unknown from nothing', () => {
    const { permissions } = result('x', [
      'ec2:StartInstances',
      'ec2:StopInstances',
      'ssm:StartSession',
    ]).record;
    expect(allowedText(permissions, 80)).toBe('StartInstances, StopInstances, StartSession');
    expect(allowedText(permissions, 40)).toBe('StartInstances, StopInstances (+1)');
    expect(allowedText(null, 40)).toBe('unknown');
    expect(allowedText(result('x', []).record.permissions, 40)).toBe(
      'nothing that was asked about',
    );
  });
});

describe('the progress of a scan', () => {
  const scope = { account_id: '123456789012', region: 'eu-west-1', service: 'ec2' };
  const events: ScanEvent[] = [
    { type: 'scan_started', scan_id: 's', scopes: [scope, { ...scope, service: 'rds' }] },
    { type: 'scope_started', ...scope },
    {
      type: 'scope_completed',
      ...scope,
      status: 'complete',
      resources: 12,
      duration_ms: 1500,
    },
    { type: 'progress', completed: 1, total: 2, resources: 12 },
    {
      type: 'scope_completed',
      ...scope,
      service: 'rds',
      status: 'denied',
      code: 'AccessDenied',
      resources: 0,
      duration_ms: 400,
    },
  ];

  it('is a line per finished scope where there is no terminal', () => {
    const { screen, text } = testScreen();
    const progress = new ScanProgress(screen);
    for (const event of events) progress.onEvent(event);
    progress.close();
    expect(text()).toBe(
      '  eu-west-1 ec2: 12 resources, 1.5 s\n  eu-west-1 rds: denied (AccessDenied), 0 resources, 0.4 s\n',
    );
  });

  it('is live on a terminal and leaves what was done', () => {
    const { screen, text } = testScreen({ isTTY: true, columns: 100 });
    const progress = new ScanProgress(screen);
    for (const event of events) progress.onEvent(event);
    progress.close();
    progress.close();
    expect(text()).toMatch(ESCAPE);
    expect(text().trimEnd().split('\n').at(-1)).toMatch(/eu-west-1.*ec2 12.*rds denied$/);
  });
});
