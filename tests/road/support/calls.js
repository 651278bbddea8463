// Every call of the REST API.
import { group_path, member_path } from './rest.js';

/** [method, path, body] of each, about `somebody`. */
export const calls_about = (somebody) => [
  ['GET', '/groups'],
  ['GET', group_path('some group')],
  ['GET', group_path('some group', 'members')],
  ['PUT', member_path('some group', somebody)],
  ['DELETE', member_path('some group', somebody)],
  ['GET', `/keypackages?owner=${somebody.pubkey}`],
  ['POST', '/keypackages/claim', { owner: somebody.pubkey }],
  ['GET', '/messages/missed'],
  ['POST', '/acl/invalidate', {}],
];
