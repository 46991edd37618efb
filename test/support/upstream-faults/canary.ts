/** The key of every provider here: nothing but the upstream may ever be shown it. */
export const CANARY = 'sk-Canary-9vK3mQ7xT2Lw8ZtR1bYd0pGhJmNc5sTe6uAiXoWq';
