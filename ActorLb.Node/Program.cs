using ActorLb.Node.Cli;
using ActorLb.Node.Configuration;
using ActorLb.Node.Configuration.Loading;
using ActorLb.Node.Demo;
using ActorLb.Node.Nodes;
using ActorLb.Node.Top;

ProcessSignals.HearWhatIsIgnored();
return await CommandLine.RunAsync(args, new CommandContext
{
    LoadConfiguration = files => Reading(ConfigurationLoader.Load(files, input: Console.OpenStandardInput)),
    ReadConfiguration = (name, text) => Reading(ConfigurationLoader.FromText(name, text)),
    CreateNode = (settings, loggers, time) => new BalancerNode(settings, loggers, time),
}, DemoCommand.Create, TopCommand.Create);

static ConfigurationReading Reading(ConfigurationResult result) => new(
    result.Settings,
    [.. result.Mistakes.Select(m => m.ToString())],
    [.. result.Warnings.Select(w => w.ToString())]);
