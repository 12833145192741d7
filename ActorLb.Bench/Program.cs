using ActorLb.Bench;
using ActorLb.Bench.Names;
using ActorLb.Bench.Partitions;
using ActorLb.Bench.Sessions;

return args switch
{
    ["lane-vs-yarp", .. string[] rest] => await LaneVersusYarp.RunAsync(rest),
    ["sessions", .. string[] rest] => await SessionsAtScale.RunAsync(rest),
    ["rebinds", .. string[] rest] => await RebindStorm.RunAsync(rest),
    ["session-node", string configuration, string expected] => await SessionNodeProcess.RunAsync(configuration, expected),
    ["partitions", .. string[] rest] => await PartitionsBench.RunAsync(rest),
    [PartitionsBench.InsideCommand, .. string[] rest] => await PartitionsBench.RunInsideAsync(rest),
    ["names", .. string[] rest] => await NamesBench.RunAsync(rest),
    [NamesBench.InsideCommand, .. string[] rest] => await NamesBench.RunInsideAsync(rest),
    ["lane", string listen, .. string[] backends] => await LaneProcess.RunAsync(listen, backends),
    ["yarp", string listen, .. string[] backends] => await YarpProcess.RunAsync(listen, backends),
    _ => Usage.Show(),
};
