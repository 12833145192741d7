namespace ActorLb.Engine.Http1;

internal enum MessageVersion : byte
{
    Http10,
    Http11,
}
