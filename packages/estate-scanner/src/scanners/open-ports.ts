/** What usually listens (https://www.iana.org/assignments/service-names-port-numbers), where people ask for it by name. */
const listeners: ReadonlyMap<number, string> = new Map([
  [21, 'FTP'],
  [22, 'SSH'],
  [23, 'Telnet'],
  [25, 'SMTP mail'],
  [53, 'DNS'],
  [80, 'HTTP'],
  [389, 'LDAP'],
  [443, 'HTTPS'],
  [445, 'SMB'],
  [1433, 'SQL Server'],
  [1521, 'Oracle'],
  [2049, 'NFS'],
  [3306, 'MySQL'],
  [3389, 'RDP remote desktop'],
  [5432, 'PostgreSQL'],
  [5900, 'VNC'],
  [6379, 'Redis'],
  [8080, 'HTTP'],
  [9092, 'Kafka'],
  [9200, 'Elasticsearch'],
  [27017, 'MongoDB'],
]);

/** Of more ports than this only the number is said. */
const FEW = 5;

/** Ports that a rule lets in; null bounds are all of them. */
export interface OpenPorts {
  protocol: string | null;
  from: number | null;
  to: number | null;
}

/** Says in words what rules leave open to everybody; empty where there are none. */
export function openWords(rules: readonly OpenPorts[]): string {
  if (rules.length === 0) return '';
  const opened = new Set(rules.flatMap((rule) => portsOf(rule)));
  const what = opened.size > FEW ? 'many ports' : [...opened].join(', ');
  return `public, open to the internet${what === '' ? '' : `: ${what}`}`;
}

function portsOf({ protocol, from, to }: OpenPorts): string[] {
  if (protocol === '-1' || protocol === null) return ['all traffic'];
  // Of ICMP these are types; -1 is any.
  if (!['tcp', 'udp', '6', '17'].includes(protocol) || from === null || from < 0) return [];
  const last = to ?? from;
  if (from <= 1 && last >= 65_535) return ['all ports'];
  return [...listeners].flatMap(([port, name]) => (port >= from && port <= last ? [name] : []));
}
