export { defineConfig, yaml } from './config/typed/define-config.ts';
export { loadConfigFile } from './config/load-file.ts';
export { loadConfiguration } from './config/load.ts';
export { createGateway, createRegistries, type Gateway, type GatewayOptions } from './gateway.ts';
export type {
  ConfidenceHook,
  HookContext,
  ParamsHook,
  PromptDraft,
  PromptHook,
  RecordHook,
  TaskHook,
  ValidateContext,
  ValidateHook,
} from './core/hook-functions.ts';
export { VERSION } from './core/version.ts';
