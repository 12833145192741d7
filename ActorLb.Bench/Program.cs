using ActorLb.Bench;
using ActorLb.Bench.Http1;
using ActorLb.Bench.Http1.Fuzzing;
using ActorLb.Bench.Sessions;
using ActorLb.Shared.Settings;

return args switch
{
    ["lane-vs-yarp", .. string[] rest] => await LaneVersusYarp.RunAsync(rest),
    ["sessions", .. string[] rest] => await SessionsAtScale.RunAsync(rest),
    ["rebinds", .. string[] rest] => await RebindStorm.RunAsync(rest),
    ["session-node", string configuration, string expected] => await SessionNodeProcess.RunAsync(configuration, expected),
    ["http1"] => HeadTimes.Run(),
    ["fuzz-http1", .. string[] rest] => MessageFuzzing.Run(rest),
    ["lane", string listen, .. string[] backends] => await LaneProcess.RunAsync(ListenerEngine.Kestrel, listen, backends),
    ["epoll", string listen, .. string[] backends] => await LaneProcess.RunAsync(ListenerEngine.Epoll, listen, backends),
    ["yarp", string listen, .. string[] backends] => await YarpProcess.RunAsync(listen, backends),
    _ => Usage.Show(),
};
