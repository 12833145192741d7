using ActorLb.Bench;
using ActorLb.Bench.Sessions;

return args switch
{
    ["lane-vs-yarp", .. string[] rest] => await LaneVersusYarp.RunAsync(rest),
    ["sessions", .. string[] rest] => await SessionsAtScale.RunAsync(rest),
    ["rebinds", .. string[] rest] => await RebindStorm.RunAsync(rest),
    ["session-node", string configuration, string expected] => await SessionNodeProcess.RunAsync(configuration, expected),
    ["lane", string listen, .. string[] backends] => await LaneProcess.RunAsync(listen, backends),
    ["yarp", string listen, .. string[] backends] => await YarpProcess.RunAsync(listen, backends),
    _ => Usage.Show(),
};
