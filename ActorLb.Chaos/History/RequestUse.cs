using System.Text.Json.Serialization;

namespace ActorLb.Chaos.History;

/// <summary>What a request is for.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RequestUse>))]
public enum RequestUse
{
    /// <summary>A small answer, read at once. Any status below 500 is one.</summary>
    Page,

    /// <summary>The application gives the client's session another id: 303.</summary>
    Login,

    /// <summary>A WebSocket is opened: 101.</summary>
    Tunnel,

    /// <summary>An event stream is opened: 200.</summary>
    Events,

    /// <summary>A large body that comes piece by piece: 200, with what came of it.</summary>
    Upload,

    /// <summary>A body that the server refuses before it has come whole: 413 of the server's own.</summary>
    RefusedUpload,

    /// <summary>A large answer that is read slowly: 200, to its last byte.</summary>
    Download,

    /// <summary>Over HTTP/1.0: 200.</summary>
    Http10,

    /// <summary>Sent before the answer to the one before had come: 200, in order.</summary>
    Pipelined,
}

/// <summary>What follows from what a request is for.</summary>
public static class RequestUses
{
    /// <summary>Whether a status is what such a request must get.</summary>
    public static bool IsWell(this RequestUse use, int status) => use switch
    {
        RequestUse.Page => status < 500,
        RequestUse.Login => status == 303,
        RequestUse.Tunnel => status == 101,
        RequestUse.RefusedUpload => status == 413,
        _ => status == 200,
    };
}
