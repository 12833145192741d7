using ActorLb.Engine;
using ActorLb.Node.Supervision;
using ActorLb.Node.Wire;
using Akka.Actor;
using Akka.Hosting;

namespace ActorLb.Node.Dashboard;

/// <summary>What the dashboard of any node has to ask of this one.</summary>
internal static class DashboardHosting
{
    public static AkkaConfigurationBuilder WithFigures(this AkkaConfigurationBuilder builder, DataPlane plane, OwnFigures figures, DashboardSessions sessions) => builder
        .WithWireSerializer("actorlb-figures", FiguresSerializer.Table, system => new FiguresSerializer(system))
        .WithNodeActor<FiguresActor>((_, _, _) => Props.Create(() => new FiguresActor(plane.Settings.Name, figures, sessions)));
}
