using ActorLb.Node.Cli;

return await CommandLine.RunAsync(args, new CommandContext
{
    LoadConfiguration = files => throw new NotSupportedException("this build has no configuration reader"),
    ReadConfiguration = (name, text) => throw new NotSupportedException("this build has no configuration reader"),
    CreateNode = (settings, loggers, time) => throw new NotSupportedException("this build has no node"),
});
