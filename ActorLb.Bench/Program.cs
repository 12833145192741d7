using ActorLb.Bench;

return args switch
{
    ["lane-vs-yarp", .. string[] rest] => await LaneVersusYarp.RunAsync(rest),
    ["lane", string listen, .. string[] backends] => await LaneProcess.RunAsync(listen, backends),
    ["yarp", string listen, .. string[] backends] => await YarpProcess.RunAsync(listen, backends),
    _ => Usage.Show(),
};
