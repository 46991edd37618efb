// Loaded into a measured process on systems without /proc: answers each message with the CPU time used so far.
process.on('message', () => process.send?.(process.cpuUsage()));
process.channel?.unref();
