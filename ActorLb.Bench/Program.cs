using ActorLb.Bench;
using ActorLb.Bench.Comparison;
using ActorLb.Bench.Http1;
using ActorLb.Bench.Http1.Fuzzing;
using ActorLb.Bench.LaneFuzzing;
using ActorLb.Bench.Routing;
using ActorLb.Bench.Sessions;
using ActorLb.Bench.Soak;

return args switch
{
    ["compare", .. string[] rest] => await Compare.RunAsync(new(rest)),
    ["sessions", .. string[] rest] => await SessionsAtScale.RunAsync(new(rest)),
    ["rebinds", .. string[] rest] => await RebindStorm.RunAsync(new(rest)),
    ["session-node", string configuration, string expected] => await SessionNodeProcess.RunAsync(configuration, expected),
    ["http1"] => HeadTimes.Run(),
    ["publish"] => PublishTimes.Run(),
    ["choose"] => ChoiceTimes.Run(),
    ["routes"] => RouteTimes.Run(),
    ["fuzz-http1", .. string[] rest] => MessageFuzzing.Run(new(rest)),
    ["fuzz-lane", .. string[] rest] => LaneFuzzing.Run(new(rest)),
    ["soak", .. string[] rest] => await LaneSoak.RunAsync(new(rest)),
    ["soak-node", string configuration] => await SoakNode.RunAsync(configuration),
    ["yarp", string listen, .. string[] backends] => await YarpProcess.RunAsync(listen, backends),
    _ => Usage.Show(),
};
