using System.Text.Json;
using ActorLb.Engine;
using Microsoft.AspNetCore.Routing;

namespace ActorLb.Node.Admin;

/// <summary><c>GET /api/v1/drains</c>: what is left at each backend that drains.</summary>
internal sealed class DrainEndpoints(DataPlane plane, INodeView view)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        var drains = new SharedDocument(
            plane.Time, () => Task.FromResult(JsonSerializer.SerializeToUtf8Bytes(DrainsDocument.Of(plane, view), AdminJson.Written)));
        routes.Map(AdminRoutes.Drains, async context =>
        {
            // One that starts may not have read yet what was decided.
            if (view.Phase == NodePhase.Starting)
            {
                await AdminProblem.NotReady(view.Phase).WriteAsync(context);
                return;
            }

            byte[] document = await drains.GetAsync().WaitAsync(context.RequestAborted);
            context.Response.ContentType = "application/json";
            await context.Response.Body.WriteAsync(document, context.RequestAborted);
        });
    }
}
