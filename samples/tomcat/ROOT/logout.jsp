<%
    session.invalidate();
    response.setStatus(303);
    response.setHeader("Location", "/");
%>
