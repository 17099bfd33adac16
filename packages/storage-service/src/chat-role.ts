/** Who speaks in a chat. Apart from the schemas, so that the storage thread need not load them. */
export const chatRoles = ['user', 'assistant', 'system', 'execution'] as const;
export type ChatRole = (typeof chatRoles)[number];

/** True for the name of a role. */
export function isChatRole(value: unknown): value is ChatRole {
  return chatRoles.some((role) => role === value);
}
