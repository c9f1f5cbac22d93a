"""The running program: config, command line, assembly, scheduler, inbox, outbox, channels."""
