using Microsoft.AspNetCore.Components.Server.Circuits;

namespace BlazorServer;

/// <summary>The circuit that a component runs in. One for each circuit; only the framework changes it.</summary>
public sealed class ThisCircuit : CircuitHandler
{
    public string Id { get; private set; } = "none";

    public override Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        Id = circuit.Id[..8];
        return Task.CompletedTask;
    }
}
