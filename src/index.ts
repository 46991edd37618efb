export { loadConfiguration } from './config/load.ts';
export { createGateway, registries, type Gateway, type GatewayOptions } from './gateway.ts';
export { VERSION } from './core/version.ts';
