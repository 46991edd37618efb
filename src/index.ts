export { defineConfig, yaml } from './config/typed/define-config.ts';
export { loadConfiguration } from './config/load.ts';
export { createGateway, createRegistries, type Gateway, type GatewayOptions } from './gateway.ts';
export { VERSION } from './core/version.ts';
