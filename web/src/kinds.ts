/** What people call the kinds of events. */
const names: Readonly<Record<string, string>> = {
  0: 'Profiles',
  1: 'Notes',
  3: 'Follow lists',
  4: 'Old direct messages',
  5: 'Deletions',
  6: 'Reposts',
  7: 'Reactions',
  9: 'Chat messages',
  443: 'Key packages',
  444: 'Welcomes',
  445: 'Group messages',
  446: 'Noise messages',
  450: 'Rosters',
  1059: 'Gift wraps',
  1984: 'Reports',
  9735: 'Zaps',
  10002: 'Relay lists',
  10050: 'Inbox relays',
  10051: 'Key package relays',
  30023: 'Articles',
  30443: 'Key packages',
  other: 'Other kinds',
};

export function kind_name(kind: string): string {
  return names[kind] ?? `Kind ${kind}`;
}
